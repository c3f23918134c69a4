// Prints the rows of an Iceberg table on the local disk as JSON lines, read by icebird.
//
//   node icebird_read.mjs <table directory | metadata JSON file>
//
// A directory is read at the version that metadata/version-hint.text names. Numbers are printed as
// JavaScript holds them (decimals as doubles), times as ISO 8601 in UTC, binaries as UTF-8 text.

import { open, readFile, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { icebergRead } from 'icebird'

// icebird reads by fetch(): whole files, their size (HEAD), and byte ranges. Node's own fetch
// refuses file: URLs.
globalThis.fetch = async (url, { method = 'GET', headers } = {}) => {
  const path = fileURLToPath(String(url))
  const size = await stat(path).then(info => info.size, () => undefined)
  if (size === undefined) return new Response(null, { status: 404, statusText: 'Not Found' })
  if (method === 'HEAD') return new Response(null, { headers: { 'Content-Length': String(size) } })
  const range = /^bytes=(\d*)-(\d*)$/.exec(new Headers(headers).get('Range') ?? '')
  if (!range) return new Response(await readFile(path))
  const start = range[1] ? Number(range[1]) : size - Number(range[2])
  const end = range[1] && range[2] ? Math.min(Number(range[2]) + 1, size) : size
  return new Response(await readRange(path, start, end), { status: 206 })
}

async function readRange(path, start, end) {
  const file = await open(path)
  try {
    const { buffer } = await file.read(new Uint8Array(end - start), 0, end - start, start)
    return buffer
  } finally {
    await file.close()
  }
}

function printable(_, value) {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  return value === undefined ? null : value
}

// icebird calls a table without rows an error.
const EMPTY = /No data manifest files found|No current snapshot/i

async function rowsOf(place) {
  const isFile = place.endsWith('.metadata.json')
  const table = isFile ? dirname(dirname(place)) : place
  try {
    return await icebergRead({
      tableUrl: pathToFileURL(table).href.replace(/\/$/, ''),
      metadataFileName: isFile ? basename(place) : undefined,
    })
  } catch (error) {
    if (EMPTY.test(error.message)) return []
    throw error
  }
}

if (process.argv.length !== 3) {
  console.error('usage: node icebird_read.mjs <table directory | metadata JSON file>')
  process.exit(2)
}
for (const row of await rowsOf(resolve(process.argv[2]))) console.log(JSON.stringify(row, printable))
