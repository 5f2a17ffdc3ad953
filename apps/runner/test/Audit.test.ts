/**
 * `audit verify` and `audit export` as processes, against somebody who owns the database and is past every trigger; and
 * the verifier that an export brings along, run by Node alone in the folder that was written.
 */
import { spawnSync } from "node:child_process"
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, inject, it, layer as withLayer } from "@effect/vitest"
import type { KeptEvent } from "@rollcall/core/contract/EventLog"
import { Organizations } from "@rollcall/core/contract/Organizations"
import { sha256 } from "@rollcall/core/domain/Digest"
import { execute, freshDatabase } from "@rollcall/testkit/PostgresForTests"
import { Context, Deferred, Effect, Fiber, Layer, Stream } from "effect"

import { writeExport } from "../src/proof/ExportFolder.ts"
import { stores } from "../src/Stores.ts"
import { folder, rollcall, writeSite } from "./Command.ts"

const beside = { concurrent: true, timeout: 180_000 }

/** Two syncs of four people: two commits with personal parts, among them a name that some take for two lines. */
const siteWithLog = Effect.gen(function* () {
  const here = yield* folder
  const url = yield* freshDatabase(inject("postgresUrl"), "proof")
  const environment = { DATABASE_URL: url }
  writeSite(here)
  for (const name of ["Grace", "Gr\u2028ace"]) {
    writeFileSync(join(here, "people.csv"), readFileSync(join(here, "people.csv"), "utf8").replace("Grace", name))
    const synced = yield* rollcall(here, ["sync", "--no-send", "--json"], environment)
    assert.strictEqual(synced.code, 0, synced.stdout + synced.stderr)
  }
  return { here, url, environment }
})

interface Site {
  readonly here: string
  readonly url: string
  readonly environment: Readonly<Record<string, string>>
}

const verify = ({ environment, here }: Site, ...more: ReadonlyArray<string>) =>
  rollcall(here, ["audit", "verify", "--json", ...more], environment)

const exportTo = ({ environment, here }: Site, to: string, ...more: ReadonlyArray<string>) =>
  rollcall(here, ["audit", "export", "--json", "--to", to, ...more], environment)

/** The triggers are in nobody's way for the length of this one transaction. */
const behindTheTrigger = ({ url }: Site, statements: string) =>
  Effect.promise(() =>
    execute(url, `alter table events disable trigger all; ${statements}; alter table events enable trigger all`)
  )

const keep = ["log_heads", "commits", "events"].map((table) => `create table kept_${table} as table ${table}`).join(";")

const undo = `delete from events; delete from commits; update log_heads as head set position = kept.position, hash = kept.hash
  from kept_log_heads as kept where kept.organization_id = head.organization_id;
  insert into commits table kept_commits; insert into events table kept_events`

/** Of the one organization that the site has. */
const tamperings: ReadonlyArray<readonly [what: string, position: number, statements: string]> = [
  ["one changed event", 3, "update events set actor = 'operator:eve' where position = 3"],
  ["one deleted event", 4, "delete from events where position = 4"],
  [
    "two exchanged events",
    2,
    "update events set position = position + 100 where position in (2, 6); update events set position = 108 - position where position > 100"
  ],
  [
    "one byte of a personal part",
    3,
    "update events set personal = replace(personal::text, 'example', 'exbmple')::json where position = 3"
  ],
  ["one byte of a salt", 3, "update events set salt = set_byte(salt, 0, get_byte(salt, 0) # 1) where position = 3"],
  ["a cut tail", 10, "delete from events where position = 10"],
  ["a changed commit", 1, "update commits set last_position = last_position - 1 where commit_no = 1"]
]

describe("rollcall audit verify", () => {
  it.live(
    "names the first position that is not as it was written, whatever was done, and is quiet when it is undone",
    () =>
      Effect.gen(function* () {
        const site = yield* siteWithLog
        const before = yield* verify(site)
        assert.strictEqual(before.code, 0, before.stdout)
        assert.strictEqual((before.json["logs"] as ReadonlyArray<{ position: number }>)[0]?.position, 10)
        yield* Effect.promise(() => execute(site.url, keep))
        for (const [what, position, statements] of tamperings) {
          yield* behindTheTrigger(site, statements)
          const found = yield* verify(site)
          assert.strictEqual(found.code, 1, what)
          const [report, failure] = found.stdout.trimEnd().split("\n")
          const { kept, logs } = JSON.parse(report!)
          assert.isFalse(kept)
          assert.strictEqual(logs[0].breach.position, position, what)
          assert.include(JSON.parse(failure!).error.place, `log default, event ${position}`)
          yield* behindTheTrigger(site, undo)
          assert.deepStrictEqual((yield* verify(site)).json, before.json, `${what}, undone`)
        }
      }).pipe(Effect.scoped),
    beside
  )

  it.live(
    "walks the log that belongs to no organization, too, where there is one",
    () =>
      Effect.gen(function* () {
        const site = yield* siteWithLog
        yield* Effect.flatMap(Organizations, (they) => they.create("root", { name: "Second" })).pipe(
          Effect.provide(stores({ data: site.here, organizations: [] }, site.environment))
        )
        const { code, json } = yield* verify(site)
        assert.strictEqual(code, 0)
        assert.deepStrictEqual(namesOf(json), ["default", "_directory"])
        const exported = yield* exportTo(site, "shared", "--directory-log")
        assert.strictEqual(exported.code, 0, exported.stdout)
        assert.include(check(join(site.here, "shared")).said, "of _directory")
        yield* behindTheTrigger(
          site,
          "update events set version = 9 where organization_id = '_directory' and position = 1"
        )
        const found = yield* verify(site)
        assert.strictEqual(found.code, 1)
        assert.include(JSON.stringify(found.json), "log _directory, event 1")
      }).pipe(Effect.scoped),
    beside
  )

  it.live(
    "finds a log that was written anew, chain and all, by the manifest of an earlier export",
    () =>
      Effect.gen(function* () {
        const site = yield* siteWithLog
        assert.strictEqual((yield* exportTo(site, "early")).code, 0)
        const manifest = join(site.here, "early/manifest.json")
        writeFileSync(
          join(site.here, "people.csv"),
          readFileSync(join(site.here, "people.csv"), "utf8").replace("Mary", "M")
        )
        yield* rollcall(site.here, ["sync", "--no-send"], site.environment)
        const grown = yield* verify(site, "--manifest", manifest)
        assert.strictEqual(grown.code, 0, "the log has grown since, and what was there is as it was")
        assert.strictEqual((yield* exportTo(site, "late")).code, 0)
        yield* behindTheTrigger(site, "delete from commits; delete from events; delete from log_heads")
        yield* rollcall(site.here, ["sync", "--no-send"], site.environment)
        assert.strictEqual((yield* verify(site)).code, 0, "another log, and whole")
        const found = yield* verify(site, "--manifest", manifest)
        assert.strictEqual(found.code, 1)
        assert.include(JSON.stringify(found.json), "earlier head")
        const late = yield* rollcall(
          site.here,
          ["audit", "verify", "--manifest", join(site.here, "late/manifest.json")],
          site.environment
        )
        assert.strictEqual(late.code, 1)
        assert.match(late.stdout, /default: BROKEN at event \d+: /)
        assert.match(late.stderr, /keep the database as evidence/)
      }).pipe(Effect.scoped),
    beside
  )

  it.live(
    "refuses what is no manifest, or one of another log, and does nothing where there is no database",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        writeSite(here)
        const site = { here, url: "", environment: {} }
        const none = yield* verify(site)
        assert.strictEqual(none.code, 2)
        assert.isFalse(readdirSync(here).includes(".rollcall"))
        assert.strictEqual((yield* rollcall(here, ["sync", "--no-send"])).code, 0)
        assert.strictEqual((yield* exportTo(site, "out")).code, 0, "embedded, too")
        assert.strictEqual(check(join(here, "out")).status, 0)
        assert.strictEqual((yield* verify(site, "--manifest", join(here, "out/manifest.json"))).code, 0)
        const manifest = JSON.parse(readFileSync(join(here, "out/manifest.json"), "utf8"))
        for (const [content, problem] of [
          ["{", "not JSON"],
          [JSON.stringify({ ...manifest, headHash: "abc" }), "headHash"],
          [JSON.stringify({ ...manifest, format: 2 }), "format"],
          [JSON.stringify({ ...manifest, organization: "other" }), "another log"]
        ] as const) {
          writeFileSync(join(here, "manifest.json"), content)
          const refused = yield* verify(site, "--manifest", "manifest.json")
          assert.strictEqual(refused.code, 2, problem)
          assert.include(JSON.stringify(refused.json), problem)
        }
        assert.strictEqual((yield* verify(site, "--manifest", "nowhere.json")).code, 2)
      }).pipe(Effect.scoped),
    beside
  )
})

const namesOf = ({ logs }: Readonly<Record<string, unknown>>) =>
  (logs as ReadonlyArray<{ readonly log: string }>).map(({ log }) => log)

/** Runs the verifier of an export with nothing of ours in reach. */
const check = (export_: string, ...args: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(export_, "verify.mjs"), ...args], {
    cwd: "/",
    env: {},
    encoding: "utf8"
  })
  return { status, said: stdout + stderr }
}

const lines = (export_: string): ReadonlyArray<string> =>
  readFileSync(join(export_, "events.jsonl"), "utf8").split("\n").slice(0, -1)

type Line = Record<string, string | number | null>

const lineAt = (export_: string, line: number) => JSON.parse(lines(export_)[line - 1]!) as Line

/** A copy of an export with other lines. `covered`: the manifest's bytes and hash of the file are made to fit. */
const withLines = (export_: string, changed: ReadonlyArray<string>, covered: boolean) =>
  withFile(export_, Buffer.from(changed.map((line) => `${line}\n`).join("")), covered)

const withFile = (export_: string, content: Uint8Array, covered: boolean) => {
  const copy = `${export_}-changed`
  rmSync(copy, { recursive: true, force: true })
  cpSync(export_, copy, { recursive: true })
  writeFileSync(join(copy, "events.jsonl"), content)
  if (covered) writeManifest(copy, { bytes: content.length, sha256: sha256(Buffer.from(content).toString()) })
  return copy
}

const writeManifest = (export_: string, changes: object) => {
  const file = join(export_, "manifest.json")
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...changes }))
}

const another = (value: string | number | null): string | number => {
  if (typeof value === "number") return value + 1
  if (value === null || value === "") return "a"
  const first = value.startsWith("a") ? "b" : "a"
  return first + value.slice(1)
}

/** An export that the tests share and none of them changes. The fourth event is erased; the third has a personal part. */
class Exported extends Context.Service<
  Exported,
  { readonly site: Site; readonly export_: string; readonly json: Readonly<Record<string, unknown>> }
>()("test/Exported") {
  static readonly layer = Layer.effect(
    Exported,
    Effect.gen(function* () {
      const site = yield* siteWithLog
      yield* Effect.promise(() =>
        execute(site.url, "update events set personal = null, salt = null where position = 4")
      )
      const { code, json, stdout } = yield* exportTo(site, "out")
      assert.strictEqual(code, 0, stdout)
      return { site, export_: join(site.here, "out"), json }
    })
  )
}

/** The verifier finds it, and says where. */
const find = (changed: string, what: string, place: string) => {
  const { said, status } = check(changed)
  assert.strictEqual(status, 1, what)
  assert.include(said, `BROKEN: ${place}`, what)
}

withLayer(Exported.layer, { excludeTestServices: true })("rollcall audit export", (it) => {
  it.effect(
    "writes what its own verifier finds whole: erased events, line separators in names, nobody else may read it",
    () =>
      Effect.gen(function* () {
        const { export_, json, site } = yield* Exported
        assert.sameMembers(readdirSync(export_), ["events.jsonl", "manifest.json", "verify.mjs"])
        for (const name of readdirSync(export_))
          assert.strictEqual(statSync(join(export_, name)).mode & 0o777, 0o600, name)
        const verifier = new URL("../bin/verify-export.mjs", import.meta.url)
        assert.isTrue(readFileSync(join(export_, "verify.mjs")).equals(readFileSync(verifier)))
        const head = String(json["headHash"])
        const { said, status } = check(export_)
        assert.strictEqual(said, `OK: 10 events of default (1 personal parts erased), head ${head}\n`)
        assert.strictEqual(status, 0)
        assert.include(lines(export_).join(), "Gr\u2028ace")
        assert.strictEqual(check(export_, head).status, 0)
        assert.strictEqual(check(export_, head.replace(/./, "x")).status, 1)
        const walked = yield* verify(site, "--manifest", join(export_, "manifest.json"))
        assert.strictEqual((walked.json["logs"] as ReadonlyArray<{ hash: string }>)[0]?.hash, head)
      })
  )

  it.effect("leaves no person in it when it is asked to, and can be checked all the same", () =>
    Effect.gen(function* () {
      const { json, site } = yield* Exported
      const bare = join(site.here, "bare")
      assert.strictEqual((yield* exportTo(site, "bare", "--without-personal")).code, 0)
      const content = readFileSync(join(bare, "events.jsonl"), "utf8")
      for (const word of ["Ada", "Hopper", "example.com", 'personal"', "salt"]) assert.notInclude(content, word)
      assert.strictEqual(
        check(bare).said,
        `OK: 10 events of default (without personal parts), head ${String(json["headHash"])}\n`
      )
    })
  )

  it.effect("is found changed by its verifier, wherever that is", () =>
    Effect.gen(function* () {
      const { export_ } = yield* Exported
      const whole = lines(export_)
      for (const line of [3, 4]) {
        for (const [column, value] of Object.entries(lineAt(export_, line))) {
          const { [column]: _, ...without } = lineAt(export_, line)
          for (const changed of [{ ...without, [column]: another(value) }, without]) {
            find(withLines(export_, whole.with(line - 1, JSON.stringify(changed)), true), column, `Line ${line}`)
          }
        }
      }
      for (const covered of [false, true]) {
        find(withLines(export_, whole.toSpliced(4, 1), covered), "a dropped line", "Line 5")
        find(withLines(export_, whole.toSpliced(4, 0, whole[3]!), covered), "a line twice", "Line 5")
        find(withLines(export_, whole.with(1, whole[6]!).with(6, whole[1]!), covered), "two exchanged lines", "Line 2")
        find(withLines(export_, whole.slice(0, -1), covered), "a cut tail", "count")
        find(withLines(export_, [], covered), "no line", "count")
        find(withFile(export_, Buffer.from(whole.join("\n")), covered), "a cut end", "Line 10")
        find(withLines(export_, whole.with(2, "{"), covered), "a torn line", "Line 3")
        find(withLines(export_, whole.with(2, "null"), covered), "a line of nothing", "Line 3")
      }
      const content = readFileSync(join(export_, "events.jsonl"))
      for (let at = 7; at < content.length; at += 613) {
        const flipped = Buffer.from(content)
        flipped[at] = flipped[at]! ^ 1
        find(withFile(export_, flipped, false), `byte ${at}`, "")
      }
      find(withLines(export_, whole.with(2, `${whole[2]} `), false), "white space outside of the texts", "bytes")
    })
  )

  it.effect("is found out by its verifier where the manifest is another, or a file is missing", () =>
    Effect.gen(function* () {
      const { export_ } = yield* Exported
      const copy = `${export_}-changed`
      const changed = (change: () => void) => {
        rmSync(copy, { recursive: true, force: true })
        cpSync(export_, copy, { recursive: true })
        change()
        return check(copy)
      }
      const manifest = JSON.parse(readFileSync(join(export_, "manifest.json"), "utf8")) as Line
      const told = ["rollcall", "madeAt"]
      for (const [name, value] of Object.entries(manifest).filter(([name]) => !told.includes(name))) {
        const other = typeof value === "boolean" ? !value : another(value)
        const { said, status } = changed(() => writeManifest(copy, { [name]: other }))
        assert.strictEqual(status, 1, name)
        assert.include(said, "BROKEN: ", name)
      }
      for (const name of ["manifest.json", "events.jsonl"]) {
        const { said, status } = changed(() => rmSync(join(copy, name)))
        assert.strictEqual(status, 1)
        assert.include(said, `There is no ${name}`)
      }
      assert.strictEqual(changed(() => writeFileSync(join(copy, "manifest.json"), "{")).status, 1)
    })
  )

  it.effect(
    "refuses a folder that holds anything, and a log that is not as it was written, and leaves nothing of it",
    () =>
      Effect.gen(function* () {
        const { export_, site } = yield* Exported
        const before = readFileSync(join(export_, "manifest.json"), "utf8")
        const again = yield* exportTo(site, "out")
        assert.strictEqual(again.code, 2)
        assert.strictEqual(readFileSync(join(export_, "manifest.json"), "utf8"), before)
        rmSync(join(export_, "manifest.json"))
        assert.strictEqual((yield* exportTo(site, "out")).code, 2, "what was broken off is not written over, either")
        assert.strictEqual((yield* exportTo(site, "people.csv")).code, 2)
        yield* behindTheTrigger(site, "update events set actor = 'x' where position = 9")
        const broken = yield* exportTo(site, "broken")
        assert.strictEqual(broken.code, 1)
        assert.deepInclude(broken.json["error"], { kind: "ChainBroken", place: "log default, event 9" })
        assert.deepStrictEqual(readdirSync(join(site.here, "broken")), [])
      })
  )

  it.effect("has no manifest before all is written, and takes back what it began when it is interrupted", () =>
    Effect.gen(function* () {
      const out = join(yield* folder, "out")
      const began = yield* Deferred.make<void>()
      const events = Stream.concat(
        Stream.make(firstEvent),
        Stream.fromEffectDrain(Effect.andThen(Deferred.succeed(began, undefined), Effect.never))
      )
      const options = { organization: "acme", personal: true }
      const writing = yield* Effect.forkChild(writeExport(out, events, options))
      yield* Deferred.await(began)
      assert.deepStrictEqual(readdirSync(out), ["events.jsonl"])
      assert.lengthOf(lines(out), 1)
      yield* Fiber.interrupt(writing)
      assert.deepStrictEqual(readdirSync(out), [])
    }).pipe(Effect.provide(NodeFileSystem.layer), Effect.scoped)
  )
})

const firstEvent: KeptEvent = {
  organization: "acme",
  position: 1,
  stream: "sink:together",
  version: 1,
  type: "CredentialsAccepted",
  schemaVersion: 1,
  recordedAt: "2026-01-02T03:04:05.000006Z",
  effectiveOn: null,
  causation: null,
  actor: "sink:together",
  data: "{}",
  personal: null,
  salt: null,
  personalHash: null,
  hash: "00".repeat(32)
}
