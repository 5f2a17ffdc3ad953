/**
 * Checks an export of a Rollcall log: `node verify.mjs [HEAD]`. Needs Node 18 or later and nothing else.
 *
 * Stands beside events.jsonl and manifest.json. The hash of an event is the SHA-256 of: the hash of the event before it
 * (32 bytes, none for the first); each of `columns` as `<length in bytes>:<UTF-8 text>`, or `-` for null; its personalHash
 * (32 bytes, or none). personalHash is the SHA-256 of: salt, personal. An erasure takes salt and personal and leaves it.
 *
 * HEAD is the hash of the last event as you know it from elsewhere: who can write this folder can write all of it anew.
 * Exit code 0: everything fits. 1: something does not; the first place is named.
 */
import { createHash } from "node:crypto"
import { createReadStream, readFileSync } from "node:fs"

const columns =
  "organization position stream version type schemaVersion recordedAt effectiveOn causation actor data".split(" ")

const broken = (problem) => {
  console.error(`BROKEN: ${problem}`)
  process.exit(1)
}
const must = (fits, problem) => fits || broken(problem)
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex")
const bytes = (hex) => Buffer.from(String(hex ?? ""), "hex")
const column = (value) => (value === null ? "-" : `${Buffer.byteLength(String(value))}:${value}`)
const parse = (text, place) => {
  try {
    return JSON.parse(text)
  } catch {
    broken(`${place} is not JSON.`)
  }
}
const unreadable = (name) => broken(`There is no ${name} that can be read: this is not a whole export.`)
const manifestText = () => {
  try {
    return readFileSync(new URL("manifest.json", import.meta.url), "utf8")
  } catch {
    unreadable("manifest.json")
  }
}

const manifest = parse(manifestText(), "manifest.json")
must(manifest?.format === 1, "manifest.json is of another format than 1.")

let [count, erased, last] = [0, 0, { hash: "", recordedAt: null }]

const check = (line) => {
  const place = `Line ${count + 1}`
  const event = parse(line, place)
  must(event?.position === count + 1, `${place} is not event ${count + 1}.`)
  must(event.organization === manifest.organization, `${place} is of another organization.`)
  const personal = "personal" in event || "salt" in event
  must(personal === manifest.personal, `${place} has personal parts, or has none, against the manifest.`)
  if (typeof event.personal === "string") {
    const fits = sha256(bytes(event.salt), event.personal) === event.personalHash
    must(fits, `${place}: the personal part is not the one that was written.`)
  } else if (personal) {
    must(event.personal === null && event.salt === null, `${place}: the personal part is not whole.`)
    if (event.personalHash !== null) erased++
  }
  const text = columns.map((name) => column(event[name])).join("")
  const hash = sha256(bytes(last.hash), text, bytes(event.personalHash))
  must(hash === event.hash, `${place}: the event is not the one that was written here.`)
  last = event
  count++
}

const file = createHash("sha256")
let [length, rest] = [0, Buffer.alloc(0)]
const events = createReadStream(new URL("events.jsonl", import.meta.url))
events.on("error", () => unreadable("events.jsonl"))
for await (const chunk of events) {
  file.update(chunk)
  length += chunk.length
  const text = Buffer.concat([rest, chunk])
  let from = 0
  for (let end; (end = text.indexOf("\n", from)) >= 0; from = end + 1) check(text.toString("utf8", from, end))
  rest = text.subarray(from)
}
must(rest.length === 0, `Line ${count + 1} has no end.`)

const place = { count, firstPosition: 1, lastPosition: count, headHash: last.hash, headRecordedAt: last.recordedAt }
for (const [name, value] of Object.entries({ ...place, bytes: length, sha256: file.digest("hex") })) {
  must(manifest[name] === value, `${name} is ${value} in events.jsonl, and not so in manifest.json.`)
}
const [, , head] = process.argv
must(head === undefined || head.toLowerCase() === last.hash, `The head is ${last.hash}, not ${head}.`)
const gone = manifest.personal ? `${erased} personal parts erased` : "without personal parts"
console.log(`OK: ${count} events of ${manifest.organization} (${gone}), head ${last.hash}`)
