import { existsSync, readdirSync, readlinkSync } from "node:fs"
import { chmod, mkdir, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Stream } from "effect"
import * as fc from "fast-check"

import type { CsvMessage } from "../src/CsvMapping.ts"
import {
  check,
  type Config,
  fieldsOf,
  folderOf,
  inShort,
  openIn,
  read,
  refusalsOf,
  type Said,
  saidBy
} from "./SiteOnDisk.ts"

const columns = { employeeId: "Id", title: "Job" } as const

const dated = { columns, effectiveOn: "From" } as const

const reasonOf = ({ messages }: Said): string => {
  const last = messages.at(-1)
  return last?._tag === "Incomplete" ? last.reason : ""
}

/** A file of thirty thousand people, larger than a chunk by far. */
const content = (job: string) =>
  `Id,Job\n${Array.from({ length: 30_000 }, (_, i) => `${10_000 + i},${job}\n`).join("")}`

/** Expects that nothing is said but what is wrong with the configuration, by `snapshot` and by `check`. */
const invalid = (content: string, config: Partial<Config>, path: string, words: RegExp) =>
  Effect.gen(function* () {
    const said = yield* read(content, { columns, ...config })
    assert.deepStrictEqual(said.messages, [])
    assert.deepInclude(said.failure, { _tag: "ConfigInvalid", path })
    const reason = said.failure
    assert.match(`${reason?.problem} ${reason?._tag === "ConfigInvalid" ? reason.remedy : ""}`, words)
    const error = yield* Effect.flip(check(content, { columns, ...config }))
    assert.deepStrictEqual(error.reason, reason)
    assert.strictEqual(error.source, "hr")
  })

const date = (day: number) => `2024-01-${String(day).padStart(2, "0")}`

describe("CsvSource on a good file", () => {
  it.effect("reports everyone, and that this is everyone", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Job\n1,x\n2,y\n", { columns })
      assert.deepStrictEqual(inShort(said), ["Expected 2", "Record 1 @2", "Record 2 @3", "Complete 2"])
    })
  )

  it.effect("reports nobody when the file has a header and no rows", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(inShort(yield* read("Id,Job\n", { columns })), ["Expected 0", "Complete 0"])
    })
  )

  it.effect("names a file in a folder by its name alone", () =>
    Effect.gen(function* () {
      const folder = yield* folderOf({})
      yield* Effect.promise(() => mkdir(join(folder, "in")))
      yield* Effect.promise(() => writeFile(join(folder, "in", "a.csv"), "Id\n1\n"))
      const source = yield* openIn(folder, { file: "in/a.csv", columns: { employeeId: "Id" } })
      const said = yield* saidBy(source)
      assert.deepInclude(said.messages[1], { locator: "a.csv:2" })
    })
  )

  it.effect("can be read again and again", () =>
    Effect.gen(function* () {
      const folder = yield* folderOf({ "hr.csv": "Id,Job\n1,x\n" })
      const source = yield* openIn(folder, { file: "hr.csv", columns })
      assert.deepStrictEqual(yield* saidBy(source), yield* saidBy(source))
    })
  )

  it.effect("says the rows of a large file in chunks", () =>
    Effect.gen(function* () {
      const rows = Array.from({ length: 20_000 }, (_, i) => `${i},job of ${i}\n`)
      const folder = yield* folderOf({ "hr.csv": `Id,Job\n${rows.join("")}` })
      const source = yield* openIn(folder, { file: "hr.csv", columns })
      const sizes: Array<number> = []
      yield* source
        .snapshot(Option.none())
        .pipe(Stream.runForEachArray((chunk) => Effect.sync(() => sizes.push(chunk.length))))
      assert.isAtMost(sizes.length, 22)
      assert.strictEqual(
        sizes.reduce((a, b) => a + b),
        20_002
      )
    })
  )
})

describe("CsvSource on rows of one person", () => {
  it.effect("says dated versions together, the oldest first", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Job,From\n1,new,2024-01-01\n2,x,2020-01-01\n1,old,2019-01-01\n", dated)
      assert.deepStrictEqual(inShort(said), [
        "Expected 2",
        "Record 2 @3 from 2020-01-01",
        "Record 1 @4 from 2019-01-01",
        "Record 1 @2 from 2024-01-01",
        "Complete 2"
      ])
    })
  )

  it.effect("reads the effective date by a format of its own", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Job,From\n1,x,31.12.2024\n", {
        columns,
        effectiveOn: { column: "From", format: "dd.MM.yyyy" }
      })
      assert.deepInclude(said.messages[1], { effectiveOn: "2024-12-31" })
    })
  )

  it.effect("refuses versions without a date that can be read, and takes the others", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Job,From\n1,a,2020-01-01\n1,b,\n1,c,1/2/2024\n2,x,\n", dated)
      assert.deepStrictEqual(inShort(said), [
        "Expected 2",
        "Rejected value-invalid 1 @3",
        "Rejected date-ambiguous 1 @4",
        "Record 1 @2 from 2020-01-01",
        "Rejected value-invalid 2 @5",
        "Complete 2"
      ])
      assert.deepInclude(refusalsOf(said)[1], { field: "effectiveOn", value: "1/2/2024" })
      assert.include(refusalsOf(said)[1]?.message, "`effectiveOn.format`")
    })
  )

  it.effect("takes rows that say the same as one, and notices", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Job,Else\n1,x,p\n2,y,p\n1,x,q\n", { columns })
      assert.deepStrictEqual(inShort(said), ["Expected 2", "Record 2 @3", "Record 1 @2", "Noticed", "Complete 2"])
      assert.deepInclude(said.messages[3], { message: "Lines 2 and 4 of hr.csv say the same and were taken as one." })
    })
  )

  it.effect("takes none of the rows that contradict each other, and counts the person as present", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Job\n1,x\n2,y\n1,x\n1,z\n", { columns })
      assert.deepStrictEqual(inShort(said), [
        "Expected 2",
        "Record 2 @3",
        "Rejected key-duplicate 1 @2",
        "Rejected key-duplicate 1 @4",
        "Rejected key-duplicate 1 @5",
        "Complete 2"
      ])
      assert.strictEqual(
        refusalsOf(said)[1]?.message,
        "Lines 2 and 5 have the same employeeId but say something else. None of them was taken."
      )
    })
  )

  it.effect("refuses only the versions that contradict each other", () =>
    Effect.gen(function* () {
      const rows = "1,x,2020-01-01\n1,y,2020-01-01\n1,z,2021-01-01\n"
      assert.deepStrictEqual(inShort(yield* read(`Id,Job,From\n${rows}`, dated)), [
        "Expected 1",
        "Rejected key-duplicate 1 @2",
        "Rejected key-duplicate 1 @3",
        "Record 1 @4 from 2021-01-01",
        "Complete 1"
      ])
    })
  )

  it.effect("does not take one of two rows when the other could not be understood", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Status\n1,active\n1,gone\n", { columns: { employeeId: "Id", status: "Status" } })
      assert.deepStrictEqual(inShort(said), [
        "Expected 1",
        "Rejected key-duplicate 1 @2",
        "Rejected value-invalid 1 @3",
        "Complete 1"
      ])
    })
  )

  it.effect("keeps its words short when a key has very many rows", () =>
    Effect.gen(function* () {
      const rows = Array.from({ length: 5000 }, (_, i) => `1,${i}\n`).join("")
      const said = yield* read(`Id,Job\n${rows}`, { columns })
      assert.strictEqual(refusalsOf(said).length, 5000)
      assert.strictEqual(
        refusalsOf(said)[0]?.message,
        "Lines 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 4989 more have the same employeeId but say something else. None of them was taken."
      )
    })
  )
})

describe("CsvSource on any file of dated versions", () => {
  const versions = fc.uniqueArray(
    fc.record({ key: fc.constantFrom("a", "b", "c", "d"), day: fc.integer({ min: 1, max: 28 }) }),
    { selector: ({ day, key }) => `${key}${day}`, maxLength: 30 }
  )

  it("says each person once, whole and in order, and everyone in the end", () =>
    fc.assert(
      fc.asyncProperty(versions, (rows) =>
        Effect.runPromise(
          Effect.scoped(
            Effect.gen(function* () {
              const text = rows.map(({ day, key }) => `${key},${key}${day},${date(day)}\n`).join("")
              const said = yield* read(`Id,Job,From\n${text}`, dated)
              const records = said.messages.flatMap((message) => (message._tag === "Record" ? [message] : []))
              const keys = [...new Set(records.map(({ key }) => key))]
              // In the order in which people come, every person's versions by date: that is the whole of what was written.
              const expected = keys.flatMap((key) =>
                rows.filter((row) => row.key === key).sort((a, b) => a.day - b.day)
              )
              assert.deepStrictEqual(
                records.map(({ effectiveOn, fields, key }) => [key, effectiveOn, fields.title]),
                expected.map(({ day, key }) => [key, date(day), `${key}${day}`])
              )
              assert.strictEqual(records.length, rows.length)
              assert.deepStrictEqual(inShort(said).at(-1), `Complete ${keys.length}`)
            })
          )
        )
      ),
      { numRuns: 50 }
    ))
})

describe("CsvSource on what is wrong with rows", () => {
  it.effect("reports a ragged row with its key, and goes on", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Job,Office\n1,x\n2,y,z\n3,a,b,c\n", { columns })
      assert.deepStrictEqual(inShort(said), [
        "Expected 3",
        "Rejected row-ragged 1 @2",
        "Record 2 @3",
        "Rejected row-ragged 3 @4",
        "Complete 3"
      ])
    })
  )

  it.effect("draws no conclusion when the key of a ragged row may be another cell", () =>
    Effect.gen(function* () {
      const said = yield* read("Job,Id,Office\nx,1,p\nLee, Ann,2,q\n", { columns })
      assert.deepStrictEqual(inShort(said).at(-1), "Incomplete")
      assert.include(reasonOf(said), "Line 3 is a row with another number of cells than the header")
    })
  )

  it.effect("draws no conclusion when an open quote swallowed rows", () =>
    Effect.gen(function* () {
      const said = yield* read('Id,Job\n1,"x\n2,"y"\n3,z\n', { columns })
      assert.deepStrictEqual(inShort(said), ["Expected 1", "Rejected malformed @2", "Record 3 @4", "Incomplete"])
    })
  )

  it.effect("never repeats a cell in the words for people", () =>
    Effect.gen(function* () {
      const secret = "canary-7f3a"
      const row = `${secret},${secret},${secret}`
      const said = yield* read(`Id,Status,From\n${row}\n${row}\n,${secret},\n${secret}\n"${secret}`, {
        columns: { employeeId: "Id", status: "Status" },
        effectiveOn: "From"
      })
      const words = said.messages.map((message) => ("message" in message ? message.message : ""))
      assert.notInclude(words.join("\n"), secret)
      assert.strictEqual(said.failure?._tag, "Truncated")
      assert.notInclude(`${said.failure?.problem} ${said.failure?.remedy}`, secret)
    })
  )
})

describe("CsvSource at the end of a file", () => {
  it.effect("draws no conclusion from a file without a last line break", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Job\n1,x\n2,y", { columns })
      assert.deepStrictEqual(inShort(said), ["Expected 2", "Record 1 @2", "Record 2 @3", "Incomplete"])
      assert.strictEqual(
        reasonOf(said),
        'The last line of hr.csv does not end in a line break, so the file may be cut off; set `finalNewline` to "optional" if it is always written so.'
      )
    })
  )

  it.effect("stays quiet about it when the line break is optional", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Job\n1,x\n2,y", { columns, finalNewline: "optional" })
      assert.deepStrictEqual(inShort(said).at(-1), "Complete 2")
    })
  )

  it.effect.each([
    ["a quote that stays open", 'Id,Job\n1,x\n2,"y\n3,z\n', "hr.csv:3"],
    ["a ragged last row", "Id,Job\n1,x\n2", "hr.csv:3"],
    ["a header with an open quote", 'Id,"Job\n1,x\n', "hr.csv:1"]
  ] as const)("breaks off at %s, and never takes the row", ([, content, locator]) =>
    Effect.gen(function* () {
      for (const finalNewline of ["expected", "optional"] as const) {
        const said = yield* read(content, { columns, finalNewline })
        assert.deepInclude(said.failure, { _tag: "Truncated", locator })
        assert.isTrue(said.failure?.isRetryable)
        assert.isTrue(said.messages.every((message) => message._tag !== "Complete" && message._tag !== "Incomplete"))
        assert.isTrue(fieldsOf(said).length <= 1)
      }
    })
  )

  it.effect("lets stand what came before", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Job\n1,x\n2", { columns })
      assert.deepStrictEqual(inShort(said), ["Expected 1", "Record 1 @2", "Truncated"])
    })
  )
})

describe("CsvSource on a file that is written while it is read", () => {
  /** Reads to the end, with something done when the first message was said. */
  const readWhile = (change: (path: string) => Promise<void>) =>
    Effect.gen(function* () {
      const folder = yield* folderOf({ "hr.csv": content("old") })
      const source = yield* openIn(folder, { file: "hr.csv", columns })
      const messages: Array<CsvMessage> = []
      const failure = yield* source.snapshot(Option.none()).pipe(
        Stream.tap((message) =>
          message._tag === "Expected" ? Effect.promise(() => change(join(folder, "hr.csv"))) : Effect.void
        ),
        Stream.runForEach((message) => Effect.sync(() => messages.push(message))),
        Effect.as(undefined),
        Effect.catch((error) => Effect.succeed(error.reason))
      )
      return failure === undefined ? { messages } : { messages, failure }
    })

  it.effect.each([
    ["with other values", content("new")],
    ["with other people", content("old").replaceAll("2", "3")],
    ["with less", content("old").slice(0, 200_000)],
    ["with columns the other way round", content("new").replace("Id,Job", "Job,Id")],
    ["with more", `${content("old")}99999,new\n`]
  ] as const)("breaks off when it is written anew %s", ([, other]) =>
    Effect.gen(function* () {
      const said = yield* readWhile((path) => writeFile(path, other))
      assert.deepInclude(said.failure, { _tag: "Truncated", problem: "hr.csv changed while it was read." })
      assert.isTrue(said.messages.every((message) => message._tag !== "Complete" && message._tag !== "Incomplete"))
    })
  )

  it.effect("reads the old file to its end when another is renamed over it", () =>
    Effect.gen(function* () {
      const said = yield* readWhile(async (path) => {
        await writeFile(`${path}.part`, content("new"))
        await rename(`${path}.part`, path)
      })
      assert.isTrue(fieldsOf(said).every(({ title }) => title === "old"))
      assert.deepStrictEqual(inShort(said).at(-1), "Complete 30000")
    })
  )

  it.effect.skipIf(!existsSync("/proc/self/fd"))("closes the file when nobody wants more", () =>
    Effect.gen(function* () {
      const folder = yield* folderOf({ "hr.csv": content("old") })
      const source = yield* openIn(folder, { file: "hr.csv", columns })
      const isOpen = () =>
        readdirSync("/proc/self/fd").some((fd) => {
          try {
            return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)
          } catch {
            return false
          }
        })
      const taken = yield* source.snapshot(Option.none()).pipe(
        Stream.map((message) => ({ message, open: isOpen() })),
        Stream.take(3),
        Stream.runCollect
      )
      assert.deepStrictEqual(
        taken.map(({ open }) => open),
        [true, true, true]
      )
      assert.isFalse(isOpen())
    })
  )
})

describe("CsvSource on what the configuration asks for", () => {
  const people = "Id,Job,Boss,Boss\n1,x,2,2\n"

  it.effect.each([
    ["an empty file", "", {}, "file", /hr\.csv is empty/],
    ["a file of a byte order mark", "\uFEFF", {}, "file", /hr\.csv is empty/],
    ["a file of blank lines", "\n \r\n\n", {}, "file", /hr\.csv is empty/],
    ["a file of empty cells", ",,\n,,\n", {}, "file", /hr\.csv is empty/],
    ["a header without the key", "Nr,Job\n1,x\n", {}, "columns.employeeId", /has no column "Id"/],
    [
      "a header that is close",
      people,
      { columns: { employeeId: "ID", title: "Jb" } },
      "columns.employeeId",
      /Did you mean "Id"\?/
    ],
    [
      "a header that is not",
      people,
      { columns: { employeeId: "Id", title: "Position" } },
      "columns.title",
      /Set `columns\.title` to one of "Id", "Job", "Boss", "Boss"/
    ],
    [
      "an ambiguous header",
      people,
      { columns: { employeeId: "Id", supervisorId: "Boss" } },
      "columns.supervisorId",
      /column "Boss" more than once/
    ],
    [
      "a reference to no column",
      people,
      { columns: { employeeId: "Id", supervisorId: { column: "Job", references: "Row" } } },
      "columns.supervisorId.references",
      /no column "Row"/
    ],
    ["an effective date in no column", people, { effectiveOn: "Since" }, "effectiveOn", /no column "Since"/],
    ["a header with another delimiter", people, { delimiter: ";" }, "columns.employeeId", /set `delimiter`/],
    ["a file without a header", "17,ann@x.org\n18,bob@x.org\n", {}, "columns.employeeId", /looks like a person/]
  ] as const)("refuses %s before it says anything, and so does the check", ([, content, config, path, words]) =>
    invalid(content, config, path, words)
  )

  it.effect("does not repeat the first line when that is somebody's data", () =>
    Effect.gen(function* () {
      const said = yield* read("17,ann@x.org\n", { columns })
      assert.notInclude(JSON.stringify(said.failure), "ann@x.org")
    })
  )

  it.effect("stays quiet about a header that occurs twice where no field is read from it", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* read(people, { columns })).failure, undefined)
    })
  )

  it.effect("says what is wrong with the file itself", () =>
    Effect.gen(function* () {
      const folder = yield* folderOf({ "locked.csv": "Id,Job\n" })
      yield* Effect.promise(() => mkdir(join(folder, "folder")))
      yield* Effect.promise(() => chmod(join(folder, "locked.csv"), 0o000))
      const found = (file: string) =>
        Effect.gen(function* () {
          const { failure, messages } = yield* saidBy(yield* openIn(folder, { file, columns }))
          assert.deepStrictEqual(messages, [])
          assert.deepInclude(failure, { _tag: "ConfigInvalid", path: "file" })
          return failure?.problem
        })
      assert.strictEqual(yield* found("none.csv"), `There is no file ${join(folder, "none.csv")}.`)
      assert.strictEqual(yield* found("folder"), `${join(folder, "folder")} is not a file.`)
      // Who is root may read everything.
      if (process.getuid?.() !== 0) {
        assert.strictEqual(yield* found("locked.csv"), `${join(folder, "locked.csv")} may not be read.`)
      }
    })
  )
})
