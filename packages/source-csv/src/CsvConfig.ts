/**
 * What a CSV source can be told: the file, its columns, and how it is written.
 *
 * The engine decodes the configuration with `CsvConfig` before `CsvSource` opens anything; `CsvHeader` holds it against
 * the header that is really there. Nothing here touches a file, and nothing is guessed that the file cannot prove.
 */
import { type FieldName, type FieldValue, type fieldSpecs, statuses } from "@rollcall/core/domain/Field"
import { Effect, Schema } from "effect"

import { isEmail } from "./CsvCell.ts"
import { dateFormatProblem, isoFormat, makeDateReader } from "./CsvDates.ts"

/** A column, by the text of its header. Surrounding space does not count, everything else does. */
const Header = Schema.String.check(
  Schema.makeFilter((header: string) => header.trim().length > 0 || "A column is named by the text of its header.")
)

/** How dates are written: parts of `yyyy MM M MMM dd d` with separators, or `excel-1900`, `excel-1904`. */
const DateFormat = Schema.String.check(Schema.makeFilter((format: string) => dateFormatProblem(format)))

/** A date in the configuration itself is always written `YYYY-MM-DD`, however the file writes its own. */
const ConfiguredDate = Schema.String.check(
  Schema.makeFilter((date: string) => configuredDate(date) === date || "A date is written as 2024-12-31 here.")
)

const configuredDate = makeDateReader(isoFormat, "dates")

const Email = Schema.String.check(
  Schema.makeFilter((email: string) => isEmail(email) || "An e-mail address has one @ and no space.")
)

const Separator = Schema.String.check(
  Schema.makeFilter((text: string) => text.length > 0 || "A separator is at least one character.")
)

const noSuchSetting = { messageUnexpectedKey: "There is no such setting here." } as const

const literals = <const Members extends ReadonlyArray<string>>(members: Members) =>
  Schema.Literals(members).annotate({
    message: `Expected ${members.map((member) => JSON.stringify(member)).join(", ")}`
  })

const isCoherent = Schema.makeFilter((setting: { readonly [name in keyof ColumnSetting]?: unknown }) => {
  const given = (name: keyof ColumnSetting) => setting[name] !== undefined
  if (!given("column") && !given("constant")) return "Say which `column` holds the field, or give a `constant`."
  if (given("constant") && Object.keys(setting).length > 1) return "A `constant` has no other settings beside it."
  return !given("otherwise") || given("values") || "`otherwise` is for cells that `values` does not list: give both."
})

/** A mapped column: its header alone, or its settings. `value` is what a cell may be translated to. */
const fieldColumn = <Value extends Schema.Constraint, Own extends Schema.Struct.Fields>(value: Value, own: Own) =>
  Schema.Union([
    Header,
    Schema.Struct({
      /** Header of the column. */
      column: Schema.optionalKey(Header),
      /** A value for everyone, for a field that has no column. */
      constant: Schema.optionalKey(value),
      /** Translates cells: `{ "1": "active", "0": "terminated" }`. `null` empties. A cell not listed is refused. */
      values: Schema.optionalKey(Schema.Record(Schema.String, Schema.NullOr(value))),
      /** What a cell becomes that `values` does not list, instead of being refused. */
      otherwise: Schema.optionalKey(Schema.NullOr(value)),
      ...own
    })
      .annotate(noSuchSetting)
      .check(isCoherent)
  ])

const TextColumn = fieldColumn(Schema.String, {})

const EmailColumn = fieldColumn(Email, {})

const StatusColumn = fieldColumn(literals(statuses), {})

const FlagColumn = fieldColumn(Schema.Boolean, {})

const EmailsColumn = fieldColumn(Schema.Array(Email), {
  /** What stands between two e-mail addresses of one cell; `;` unless said otherwise. */
  separator: Schema.optionalKey(Separator)
})

const DateColumn = fieldColumn(ConfiguredDate, {
  /** How this column writes its dates, if not as `dates` says. */
  format: Schema.optionalKey(DateFormat)
})

const ReferenceColumn = fieldColumn(Schema.String, {
  /** The cell names another row by that other column (a row number, an e-mail), not by the employeeId. */
  references: Schema.optionalKey(Header)
})

const KeyColumn = Schema.Union([Header, Schema.Struct({ column: Header }).annotate(noSuchSetting)])

const columnOfKind = {
  text: TextColumn,
  email: EmailColumn,
  emails: EmailsColumn,
  status: StatusColumn,
  reference: ReferenceColumn,
  date: DateColumn,
  flag: FlagColumn
} as const

type FieldColumn<Name extends FieldName> = (typeof columnOfKind)[(typeof fieldSpecs)[Name]["kind"]]

const optional = Schema.optionalKey

/** One setting a field; the type makes it an error to forget a field of core or to give it another kind. */
const fieldColumns = {
  firstName: optional(TextColumn),
  middleName: optional(TextColumn),
  lastName: optional(TextColumn),
  preferredName: optional(TextColumn),
  email: optional(EmailColumn),
  alternateEmails: optional(EmailsColumn),
  status: optional(StatusColumn),
  supervisorId: optional(ReferenceColumn),
  title: optional(TextColumn),
  departmentId: optional(TextColumn),
  departmentName: optional(TextColumn),
  officeId: optional(TextColumn),
  officeAddress: optional(TextColumn),
  addressState: optional(TextColumn),
  addressCountry: optional(TextColumn),
  remote: optional(FlagColumn),
  employeeTypeCode: optional(TextColumn),
  fullTimeOrPartTimeCode: optional(TextColumn),
  gender: optional(TextColumn),
  dateOfBirth: optional(DateColumn),
  originalHireDate: optional(DateColumn),
  lastHireDate: optional(DateColumn),
  dateOfTermination: optional(DateColumn),
  dateOfSeniority: optional(DateColumn),
  dateInJob: optional(DateColumn)
} satisfies { readonly [Name in FieldName]: Schema.optionalKey<FieldColumn<Name>> }

const encodings = ["auto", "utf-8", "utf-16le", "utf-16be", "windows-1252"] as const

const delimiters = ["auto", ",", ";", "\t", "|"] as const

const Quote = Schema.String.check(
  Schema.makeFilter(
    (quote: string) =>
      /^[^\r\n,;\t|]$/.test(quote) || "A quote is one character, and neither a delimiter nor a line break."
  )
)

/** The configuration of a CSV source: `csv({ file, columns, ... })`. */
export const CsvConfig = Schema.Struct({
  /** The file, relative to the folder of the site. */
  file: Schema.NonEmptyString.annotateKey({ messageMissingKey: 'Say which file to read, such as "employees.csv".' }),
  /** Which column holds which field. A field that is not named here is one without an opinion. */
  columns: Schema.Struct({
    /** Column of HR's own key of a person. Its cells are trimmed and otherwise taken as they are. */
    employeeId: KeyColumn.annotateKey({
      messageMissingKey: 'Say which column holds HR\'s own key of a person, such as "Employee Number".'
    }),
    ...fieldColumns
  })
    .annotate({ messageUnexpectedKey: "There is no such field: see the list of fields in core's Field.ts." })
    .annotateKey({ messageMissingKey: "Say which column holds which field; `employeeId` is needed." }),
  /** Column of the date from which a row holds: rows with one key are then dated versions of one person. */
  effectiveOn: Schema.optionalKey(
    Schema.Union([
      Header,
      Schema.Struct({
        /** Header of the column. */
        column: Header,
        /** How this column writes its dates, if not as `dates` says. */
        format: Schema.optionalKey(DateFormat)
      }).annotate(noSuchSetting)
    ])
  ),
  /** How the file writes its dates. Dates in any other form are refused, never guessed. */
  dates: DateFormat.pipe(Schema.withDecodingDefaultKey(Effect.succeed(isoFormat))),
  /** How the file writes its characters. `auto` goes by what the bytes prove. */
  encoding: literals(encodings).pipe(Schema.withDecodingDefaultKey(Effect.succeed("auto" as const))),
  /** What stands between two cells. `auto` goes by Excel's `sep=` line, or else by the header. */
  delimiter: literals(delimiters).pipe(Schema.withDecodingDefaultKey(Effect.succeed("auto" as const))),
  /** What stands around a cell that holds delimiters or line breaks. */
  quote: Quote.pipe(Schema.withDecodingDefaultKey(Effect.succeed('"'))),
  /** Whether a last line without a line break means that the file may be cut off. */
  finalNewline: literals(["expected", "optional"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("expected" as const))
  )
}).annotate(noSuchSetting)

export type CsvConfig = typeof CsvConfig.Type

/** One mapped column with every setting it may have, whatever its kind. */
export interface ColumnSetting {
  readonly column?: string
  readonly constant?: FieldValue
  readonly values?: { readonly [cell: string]: FieldValue }
  readonly otherwise?: FieldValue
  readonly references?: string
  readonly separator?: string
  readonly format?: string
}

/** A setting in its long form: a bare header becomes `{ column }`. */
export const columnSetting = (setting: string | ColumnSetting): ColumnSetting =>
  typeof setting === "string" ? { column: setting } : setting
