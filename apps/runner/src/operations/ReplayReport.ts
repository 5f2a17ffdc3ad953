/**
 * Replayed people and differences as they are shown: as a line of JSON, as rows of a table or a file.
 *
 * Called by `rollcall replay`. Sensitive values are never shown, only that there is one.
 */
import { type FieldName, type FieldValue, fieldNames, fieldSpecs } from "@rollcall/core/domain/Field"
import type { DesiredField, DesiredFields } from "@rollcall/core/sync/Desired"
import type { ReplayedEmployee } from "@rollcall/core/sync/Replay"
import type { Difference, Standing } from "@rollcall/core/sync/ReplayDifference"
import type { ScopeVerdict } from "@rollcall/core/sync/Scope"

type Row = ReadonlyArray<string>

/** How one kind of result is shown. */
export interface Layout<A> {
  /** Under which word it is counted. */
  readonly kind: (found: A) => string
  /** The object of its line. */
  readonly object: (found: A) => unknown
  /** For a file: everything. */
  readonly head: Row
  readonly rows: (found: A) => ReadonlyArray<Row>
  /** For the eye. */
  readonly shortHead: Row
  readonly shortRows: (found: A) => ReadonlyArray<Row>
}

const hidden = "(not shown)"

const shown = (name: FieldName, value: FieldValue): FieldValue =>
  fieldSpecs[name].class === "sensitive" && value !== null ? hidden : value

/** Missing and asserted empty are both nothing in a cell; lists stand with a semicolon between. */
const cell = (name: FieldName, field: DesiredField | undefined): string => {
  const value = field === undefined ? null : shown(name, field.value)
  return Array.isArray(value) ? value.join(";") : String(value ?? "")
}

/** `inside`, or the rule that keeps the person out. */
const scopeWord = (scope: ScopeVerdict): string => (scope.inside ? "inside" : scope.rule)

const sensitiveNames = fieldNames.filter((name) => fieldSpecs[name].class === "sensitive")

const shownField = (name: FieldName, field: DesiredField): DesiredField => ({
  ...field,
  value: shown(name, field.value)
})

/** The same object where there is nothing to hide. */
const withoutSensitive = (fields: DesiredFields): DesiredFields => {
  const hiding = sensitiveNames.flatMap((name) => {
    const field = fields[name]
    return field === undefined ? [] : [[name, shownField(name, field)] as const]
  })
  return hiding.length === 0 ? fields : { ...fields, ...Object.fromEntries(hiding) }
}

const eye = ["firstName", "lastName", "email", "status", "title", "departmentName"] as const

/** A row a person. */
export const employeeLayout: Layout<ReplayedEmployee> = {
  kind: ({ presence }) => presence,
  object: ({ employeeId, fields, presence, scope }) => ({
    employeeId,
    presence,
    scope: scopeWord(scope),
    fields: withoutSensitive(fields)
  }),
  head: ["employeeId", "presence", "scope", ...fieldNames],
  rows: ({ employeeId, fields, presence, scope }) => [
    [employeeId, presence, scopeWord(scope), ...fieldNames.map((name) => cell(name, fields[name]))]
  ],
  shortHead: ["employee", "presence", "scope", ...eye],
  shortRows: ({ employeeId, fields, presence, scope }) => [
    [employeeId, presence, scopeWord(scope), ...eye.map((name) => cell(name, fields[name]))]
  ]
}

const originOf = (field: DesiredField | undefined): Row =>
  field === undefined ? ["", ""] : [field.source, String(field.position)]

/** A row a field, for one person alone. */
export const personLayout: Layout<ReplayedEmployee> = {
  ...employeeLayout,
  shortHead: ["field", "value", "from", "event"],
  shortRows: ({ fields, presence, scope }) => [
    ["(presence)", presence, "", ""],
    ["(scope)", scopeWord(scope), "", ""],
    ...fieldNames.flatMap((name) =>
      fields[name] === undefined ? [] : [[name, cell(name, fields[name]), ...originOf(fields[name])]]
    )
  ]
}

const standingWords = ({ presence, scope }: Standing) => ({
  presence,
  scope: scope === null ? null : scopeWord(scope)
})

/** Presence and scope where they are other ones, then each changed field. */
const differenceRows = ({ employeeId, fields, from, kind, to }: Difference): ReadonlyArray<Row> => {
  const [before, after] = [standingWords(from), standingWords(to)]
  const standing = (["presence", "scope"] as const).flatMap((member) => {
    const [was, is] = [before[member] ?? "", after[member] ?? ""]
    return was === is ? [] : [[employeeId, kind, `(${member})`, was, is, "", ""]]
  })
  const changed = fieldNames.flatMap((name) => {
    const change = fields[name]
    if (change === undefined) return []
    return [[employeeId, kind, name, cell(name, change.from), cell(name, change.to), ...originOf(change.to)]]
  })
  return [...standing, ...changed]
}

const differenceHead: Row = ["employeeId", "change", "field", "from", "to", "source", "position"]

/** A row a change. */
export const differenceLayout: Layout<Difference> = {
  kind: ({ kind }) => kind,
  object: ({ employeeId, fields, from, kind, to }) => {
    const shownFields: { [name in FieldName]?: unknown } = {}
    for (const name of fieldNames) {
      const change = fields[name]
      if (change === undefined) continue
      const [before, after] = [change.from, change.to].map((field) => (field ? shownField(name, field) : null))
      shownFields[name] = { from: before, to: after }
    }
    return { employeeId, change: kind, from: standingWords(from), to: standingWords(to), fields: shownFields }
  },
  head: differenceHead,
  rows: differenceRows,
  shortHead: differenceHead,
  shortRows: differenceRows
}
