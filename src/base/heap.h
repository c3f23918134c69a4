#pragma once

namespace freshet {

// The memory of malloc() and new, of a process that runs for long in bounded memory. By itself the
// C library keeps what is freed, for each thread by itself and wherever a piece in use lies behind
// it: after some large transactions that is as much again as what is in use.

// For the start of the program, before there are threads: few heaps, and large pieces apart from
// them, so that they are given back when they are freed.
void settle_heap() noexcept;

// Gives free memory back to the system. Takes milliseconds: after work that took much of it.
void trim_heap() noexcept;

}  // namespace freshet
