#include "source/table_definition.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

#include "source/charset.h"
#include "source/sql_tokens.h"

namespace freshet {

namespace {

using Kind = TableClause::Kind;
using Doubt = std::unexpected<std::string>;

// A column on its way into the new definition, with the name it had before.
struct Draft {
  Column column;
  TableDefinition::Trait trait;
  std::string was;
};

using Drafts = std::vector<Draft>;

Drafts::iterator find_named(Drafts& drafts, std::string_view name) {
  return std::ranges::find_if(drafts,
                              [&](const Draft& d) { return same_word(d.column.name, name); });
}

bool has_column(const TableDefinition& table, std::string_view name) {
  return std::ranges::any_of(table.schema.columns,
                             [&](const Column& c) { return same_word(c.name, name); });
}

constexpr std::array kTexts = {ColumnType::tinytext, ColumnType::text, ColumnType::mediumtext,
                               ColumnType::longtext};
constexpr std::array kBlobs = {ColumnType::tinyblob, ColumnType::blob, ColumnType::mediumblob,
                               ColumnType::longblob};

std::optional<std::size_t> text_size_class(ColumnType type) {
  const auto* const found = std::ranges::find(kTexts, type);
  if (found == kTexts.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kTexts.begin());
}

std::uint32_t bytes_of_class(std::size_t size_class) {
  return static_cast<std::uint32_t>((std::uint64_t{1} << 8 * (size_class + 1)) - 1);
}

std::size_t class_for_bytes(std::uint64_t bytes) {
  std::size_t size_class = 0;
  while (size_class < 3 && bytes > bytes_of_class(size_class)) ++size_class;
  return size_class;
}

// Text in the character set "binary" is bytes; ENUM and SET stay what they are.
void make_binary(Draft& draft) {
  Column& column = draft.column;
  if (column.type == ColumnType::char_) column.type = ColumnType::binary;
  if (column.type == ColumnType::varchar) column.type = ColumnType::varbinary;
  if (const auto size_class = text_size_class(column.type)) column.type = kBlobs[*size_class];
  draft.trait.charset.clear();
}

// Builds the columns of an edit in the order in which the servers do (mysql_prepare_alter_table in
// both): the old columns in their order, changed ones in their place; then what is added or moved.
class Editor {
 public:
  Editor(const TableDefinition& before, const TableEdit& edit, std::string_view database)
      : before_(before), edit_(edit), database_(database), charset_(before.charset) {}

  std::expected<TableDefinition, std::string> run() {
    if (!edit_.doubt.empty()) return Doubt(edit_.doubt);
    take_charset_clauses();
    keep_old_columns();
    add_and_move();
    edit_key();
    check();
    if (!doubt_.empty()) return Doubt(doubt_);
    return finish();
  }

 private:
  void doubt(std::string why) {
    if (doubt_.empty()) doubt_ = std::move(why);
  }

  // They hold for every column of the statement, wherever they stand in it.
  void take_charset_clauses() {
    for (const TableClause& clause : edit_.clauses) {
      if (clause.kind != Kind::convert_charset && clause.kind != Kind::default_charset) continue;
      charset_ = clause.charset.empty() ? std::string(database_) : clause.charset;
      if (clause.kind == Kind::convert_charset) converts_ = true;
    }
    if (before_.schema.columns.empty() && charset_.empty()) charset_ = database_;
  }

  void keep_old_columns() {
    for (std::size_t i = 0; i < before_.schema.columns.size(); ++i) {
      const Column& column = before_.schema.columns[i];
      if (const TableClause* change = clause_of(Kind::change_column, column.name)) {
        Draft draft = made_of(change->column);
        draft.was = column.name;
        drafts_.push_back(std::move(draft));
        continue;
      }
      if (clause_of(Kind::drop_column, column.name) != nullptr) continue;
      Draft draft{column, before_.traits[i], column.name};
      if (const TableClause* rename = clause_of(Kind::rename_column, column.name))
        draft.column.name = rename->new_name;
      if (converts_) convert(draft);
      drafts_.push_back(std::move(draft));
    }
    for (const TableClause& clause : edit_.clauses) demand_old_column(clause);
  }

  void demand_old_column(const TableClause& clause) {
    const bool needs = clause.kind == Kind::change_column || clause.kind == Kind::drop_column ||
                       clause.kind == Kind::rename_column;
    if (needs && !clause.if_exists && !has_column(before_, clause.name))
      doubt("it names column " + clause.name + ", which is not known");
  }

  [[nodiscard]] const TableClause* clause_of(Kind kind, std::string_view name) const {
    for (const TableClause& clause : edit_.clauses)
      if (clause.kind == kind && same_word(clause.name, name)) return &clause;
    return nullptr;
  }

  void add_and_move() {
    for (const TableClause& clause : edit_.clauses) {
      if (clause.kind == Kind::add_column) {
        if (clause.if_exists && find_named(drafts_, clause.column.column.name) != drafts_.end())
          continue;
        if (clause.if_exists && has_column(before_, clause.column.column.name))
          doubt("it adds column " + clause.column.column.name + " if it takes it away");
        place(made_of(clause.column), clause.after);
      } else if (clause.kind == Kind::change_column && clause.after) {
        const auto found = find_named(drafts_, clause.column.column.name);
        if (found == drafts_.end() || !has_column(before_, clause.name)) continue;  // IF EXISTS
        Draft draft = std::move(*found);
        drafts_.erase(found);
        place(std::move(draft), clause.after);
      }
    }
  }

  void place(Draft draft, const std::optional<std::string>& after) {
    if (!after) {
      drafts_.push_back(std::move(draft));
    } else if (after->empty()) {
      drafts_.insert(drafts_.begin(), std::move(draft));
    } else if (const auto found = find_named(drafts_, *after); found != drafts_.end()) {
      drafts_.insert(found + 1, std::move(draft));
    } else {
      doubt("it puts a column after " + *after + ", which is not known");
    }
  }

  Draft made_of(const ColumnSpec& spec) {
    Draft draft{.column = spec.column, .trait = {}, .was = {}};
    draft.trait.nullable_untold = spec.nullable_untold;
    if (spec.has_charset) {
      draft.trait.charset = spec.charset.empty() ? charset_ : spec.charset;
      const Charset* charset = charset_of_name(draft.trait.charset);
      if (charset == nullptr) {
        doubt(draft.trait.charset.empty()
                  ? "the default character set is not known"
                  : "character set " + draft.trait.charset + " is unknown here");
        return draft;
      }
      draft.trait.charset = charset->name;
      if (spec.characters)
        set_size_class(draft.column, class_for_bytes(*spec.characters * charset->max_bytes));
      if (charset->binary()) make_binary(draft);
    } else if (spec.characters) {
      set_size_class(draft.column, class_for_bytes(*spec.characters));
    }
    if (spec.primary_key) inline_key_.push_back(spec.column.name);
    return draft;
  }

  static void set_size_class(Column& column, std::size_t size_class) {
    column.type = text_size_class(column.type) ? kTexts[size_class] : kBlobs[size_class];
    column.length = bytes_of_class(size_class);
  }

  // Text grows so that it holds as many characters as before (MySQL manual, "ALTER TABLE").
  void convert(Draft& draft) {
    if (draft.trait.charset.empty()) return;
    const Charset* from = charset_of_name(draft.trait.charset);
    const Charset* to = charset_of_name(charset_);
    if (from == nullptr || to == nullptr) return doubt("it converts to an unknown character set");
    draft.trait.charset = to->name;
    if (const auto size_class = text_size_class(draft.column.type)) {
      const std::uint64_t characters = bytes_of_class(*size_class) / from->max_bytes;
      set_size_class(draft.column,
                     std::max(*size_class, class_for_bytes(characters * to->max_bytes)));
    }
    if (to->binary()) make_binary(draft);
  }

  void edit_key() {
    for (const std::uint32_t index : before_.schema.key) {
      const std::string& name = before_.schema.columns[index].name;
      const auto found =
          std::ranges::find_if(drafts_, [&](const Draft& d) { return d.was == name; });
      if (found != drafts_.end()) key_.push_back(found->column.name);
    }
    for (const TableClause& clause : edit_.clauses)
      if (clause.kind == Kind::drop_primary_key) key_.clear();
    for (const TableClause& clause : edit_.clauses)
      if (clause.kind == Kind::add_primary_key) set_key(clause.key, clause.if_exists);
    for (const std::string& name : inline_key_) set_key({name}, false);
  }

  void set_key(const std::vector<std::string>& key, bool if_not_exists) {
    if (!key_.empty() && if_not_exists) return;
    if (!key_.empty()) doubt("it adds a primary key where there is one");
    key_ = key;
  }

  void check() {
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      const auto first = find_named(drafts_, drafts_[i].column.name);
      if (static_cast<std::size_t>(first - drafts_.begin()) != i)
        doubt("it makes a second column " + drafts_[i].column.name);
    }
    for (const std::string& part : key_)
      if (find_named(drafts_, part) == drafts_.end())
        doubt("it makes a key of " + part + ", which is not known");
    if (drafts_.empty()) doubt("it leaves no columns");
  }

  TableDefinition finish() {
    TableDefinition after;
    after.schema.name = before_.schema.name;
    after.charset = charset_;
    for (const std::string& part : key_) {
      const auto found = find_named(drafts_, part);
      found->column.nullable = false;
      found->trait.nullable_untold = false;
      after.schema.key.push_back(static_cast<std::uint32_t>(found - drafts_.begin()));
    }
    for (Draft& draft : drafts_) {
      after.schema.columns.push_back(std::move(draft.column));
      after.traits.push_back(std::move(draft.trait));
    }
    return after;
  }

  const TableDefinition& before_;
  const TableEdit& edit_;
  std::string_view database_;
  std::string charset_;  // of columns that name none
  bool converts_ = false;
  Drafts drafts_;
  std::vector<std::string> key_;
  std::vector<std::string> inline_key_;
  std::string doubt_;
};

bool adds_null_column(const TableEdit& edit, std::string_view name) {
  return std::ranges::any_of(edit.clauses, [&](const TableClause& clause) {
    return clause.kind == Kind::add_column && same_word(clause.column.column.name, name) &&
           clause.column.null_in_old_rows;
  });
}

// Without a primary key a row is known by all its cells, each at its place.
bool keeps_places(const TableSchema& before, const TableSchema& after) {
  return before.columns.size() <= after.columns.size() &&
         std::ranges::equal(before.columns, after.columns | std::views::take(before.columns.size()),
                            same_word, &Column::name, &Column::name);
}

}  // namespace

std::expected<TableDefinition, std::string> apply_edit(const TableDefinition& before,
                                                       const TableEdit& edit,
                                                       std::string_view database) {
  return Editor(before, edit, database).run();
}

bool keeps_values(const TableDefinition& before, const TableDefinition& after,
                  const TableEdit& edit) {
  if (!before.schema.has_key() && !keeps_places(before.schema, after.schema)) return false;
  const auto renamed_or_dropped = [&](const std::string& name) {
    return std::ranges::any_of(edit.clauses, [&](const TableClause& clause) {
      const bool leaves = clause.kind == Kind::drop_column || clause.kind == Kind::rename_column ||
                          (clause.kind == Kind::change_column &&
                           !same_word(clause.name, clause.column.column.name));
      return leaves && same_word(clause.name, name);
    });
  };
  for (std::size_t i = 0; i < after.schema.columns.size(); ++i) {
    const Column& column = after.schema.columns[i];
    const auto was = std::ranges::find_if(
        before.schema.columns, [&](const Column& c) { return same_word(c.name, column.name); });
    const bool stayed = was != before.schema.columns.end() && !renamed_or_dropped(was->name);
    if (!stayed) {
      if (!adds_null_column(edit, column.name)) return false;
      continue;
    }
    if (was->nullable && !column.nullable) return false;  // NULL becomes a value
    Column same = *was;
    same.name = column.name;
    same.nullable = column.nullable;
    const auto at = static_cast<std::size_t>(was - before.schema.columns.begin());
    if (same != column || before.traits[at].charset != after.traits[i].charset) return false;
  }
  return true;
}

void put_definition(Bytes& out, const TableDefinition& definition) {
  put_schema(out, definition.schema);
  for (const TableDefinition::Trait& trait : definition.traits) {
    put_text(out, trait.charset);
    put_u8(out, trait.nullable_untold ? 1 : 0);
  }
  put_text(out, definition.charset);
}

TableDefinition read_definition(ByteReader& in) {
  TableDefinition definition;
  definition.schema = read_schema(in);
  for (std::size_t i = 0; i < definition.schema.columns.size(); ++i) {
    TableDefinition::Trait& trait = definition.traits.emplace_back();
    trait.charset = in.text();
    trait.nullable_untold = in.u8() != 0;
  }
  definition.charset = in.text();
  return definition;
}

}  // namespace freshet
