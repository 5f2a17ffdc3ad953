/**
 * By what a person is found where they are not the subject: their key, their addresses, Together's ids of them.
 *
 * Pure. Gathered from the person's own events before an erasure takes them; then says of any other event whether it is
 * a word about the person that goes with them, or somebody else's word that stays and is counted.
 */
import { type Event, type RecordedEvent, split } from "../domain/Event.ts"
import type { FieldName, Fields } from "../domain/Field.ts"

export interface Traces {
  readonly keys: ReadonlySet<string>
  /** In lower case. */
  readonly addresses: ReadonlySet<string>
  readonly userIds: ReadonlySet<string>
  readonly names: ReadonlySet<string>
}

const nameFields: ReadonlyArray<FieldName> = ["firstName", "middleName", "lastName", "preferredName"]

/** Everything the events ever said; `keys` are known already. */
export const tracesOf = (events: Iterable<RecordedEvent>, keys: Iterable<string> = []): Traces => {
  const traces = {
    keys: new Set(keys),
    addresses: new Set<string>(),
    userIds: new Set<string>(),
    names: new Set<string>()
  }
  for (const { event } of events) {
    if ("employeeId" in event && event.employeeId !== undefined) traces.keys.add(event.employeeId)
    if ("userId" in event && event.userId !== undefined) traces.userIds.add(event.userId)
    const { email, names } = saidIn(event)
    for (const address of email) traces.addresses.add(address.trim().toLowerCase())
    for (const name of names) traces.names.add(name)
  }
  return traces
}

const saidIn = (event: Event): { readonly email: ReadonlyArray<string>; readonly names: ReadonlyArray<string> } => {
  const fields: Fields = "fields" in event ? event.fields : {}
  const details = ("details" in event ? event.details : undefined) ?? {}
  return {
    email: texts([fields.email, fields.alternateEmails, details["email"]]),
    names: texts([...nameFields.map((name) => fields[name]), details["name"]])
  }
}

/** Every text in a JSON value, but for empty ones. */
const texts = (value: unknown): ReadonlyArray<string> => {
  if (typeof value === "string") return value === "" ? [] : [value]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : []
}

/** `take`: it goes with the person. `mention`: another's word that names them. Undefined: it does not concern them. */
export type Concern = "take" | "mention" | undefined

/** `uuid`: the person's; of events of other streams than their own. */
export const concernOf = (
  traces: Traces,
  uuid: string | undefined,
  { event, stream }: Pick<RecordedEvent, "event" | "stream">
): Concern => {
  const { data, personal } = split(event)
  if (event.type === "ConfigurationAdopted") {
    return texts(data).some((text) => traces.names.has(text) || isTrace(traces, text)) ? "mention" : undefined
  }
  if (personal === null) return undefined
  if (stream.startsWith("lane:")) {
    return uuid !== undefined && texts(data).some((text) => text.includes(uuid)) ? "take" : undefined
  }
  const said = texts(personal)
  if (!said.some((text) => isTrace(traces, text))) return undefined
  // Together's word about an entry of theirs, a source's about a cell of theirs: nobody's replay needs the values.
  return event.type === "RemoteUserFound" || event.type === "SourceRecordRejected" ? "take" : "mention"
}

const isTrace = ({ addresses, keys, userIds }: Traces, text: string): boolean =>
  keys.has(text.trim()) || userIds.has(text) || (addresses.size > 0 && addressesIn(text).some((a) => addresses.has(a)))

/** What stands between spaces, brackets and the like. */
const addressesIn = (text: string): ReadonlyArray<string> =>
  text
    .toLowerCase()
    .split(/[\s<>()[\]",;:]+/u)
    .map((word) => word.replace(/^'|['.]+$/gu, ""))
