import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import * as fc from "fast-check"

import type { AlarmEvent } from "../src/domain/AlarmEvent.ts"
import type { RecordedEvent } from "../src/domain/Event.ts"
import { type AlarmBook, alarmEntry, emptyBook, enter, foldAlarms, tell } from "../src/sync/AlarmBook.ts"
import {
  type AlarmLimits,
  type Picture,
  type SendingPicture,
  type SourcePicture,
  defaultLimits,
  judge,
  nameOf
} from "../src/sync/Alarms.ts"

/** Hours after the process began. */
const after = (hours: number): string =>
  DateTime.formatIso(DateTime.addDuration(DateTime.makeUnsafe("2026-03-02T06:00:00Z"), { hours }))
const millis = (iso: string): number => DateTime.toEpochMillis(DateTime.makeUnsafe(iso))
const second = 1 / 3600

const hr = (change: Partial<SourcePicture> = {}): SourcePicture => ({
  name: "hr",
  last: { at: after(0.5), outcome: "complete" },
  succeededAt: after(0.5),
  failures: 0,
  due: after(1),
  ...change
})

const sending = (change: Partial<SendingPicture> = {}): SendingPicture => ({
  doing: "idle",
  held: [],
  leastMillis: 0,
  oldestChange: null,
  settledAt: after(0.5),
  settledBefore: null,
  freshLetters: 0,
  ...change
})

const calm: Picture = {
  sink: "together",
  startedAt: after(0),
  sources: [hr()],
  sending: sending(),
  lane: { circuitSince: null, awaySince: null },
  databaseAwaySince: null
}

const begun: Picture = {
  ...calm,
  sources: [hr({ last: null, succeededAt: null })],
  sending: sending({ doing: "starting", settledAt: null, freshLetters: null }),
  lane: null
}

const failed = (kind: string, failures: number, hours: number): SourcePicture =>
  hr({ failures, last: { at: after(hours), outcome: "failed", kind } })

/** What is told by pictures one after the other, each at so many hours: `+` raised, `-` ended. */
const story = (
  pictures: ReadonlyArray<readonly [hours: number, picture: Picture]>,
  { book = emptyBook, limits = {} }: { readonly book?: AlarmBook; readonly limits?: Partial<AlarmLimits> } = {}
) => {
  const told: Array<string> = []
  const events: Array<AlarmEvent> = []
  let now = book
  let names = 0
  for (const [hours, picture] of pictures) {
    const findings = judge(picture, { ...defaultLimits, ...limits }, millis(after(hours)))
    const name = () => `notice-${++names}`
    for (const { event } of tell(now, findings, { at: after(hours), owed: true, name })) {
      now = enter(now, event)
      events.push(event)
      told.push(`${event.type === "AlarmRaised" ? "+" : "-"}${nameOf(event)}`)
    }
  }
  return { told, events, book: now }
}

const recorded = (events: ReadonlyArray<AlarmEvent>): ReadonlyArray<RecordedEvent> =>
  events.map((event, i) => ({ ...alarmEntry(event), position: i + 1, version: i + 1, recordedAt: after(i) }))

/** Each as it looks while it holds, with the time at which it does, and its name. */
const troubles: ReadonlyArray<readonly [name: string, hours: number, picture: Picture]> = [
  ["plan-held guard:leavers", 1, { ...calm, sending: sending({ held: [{ kind: "leavers", people: 30, limit: 10 }] }) }],
  ["credentials-refused sink:together", 1, { ...calm, sending: sending({ doing: "refused" }) }],
  ["credentials-refused source:hr", 1, { ...calm, sources: [failed("AuthRefused", 1, 1)] }],
  ["circuit-open sink:together", 1, { ...calm, lane: { circuitSince: after(0.9), awaySince: null } }],
  ["source-failing source:hr", 1, { ...calm, sources: [failed("Unavailable", 2, 1)] }],
  ["silence source:hr", 40, { ...calm, sending: sending({ settledAt: after(40) }) }],
  ["silence sink:together", 40, { ...calm, sources: [hr({ succeededAt: after(40), due: after(41) })] }],
  ["backlog sink:together", 1, { ...calm, sending: sending({ doing: "sending", leastMillis: 13 * 3_600_000 }) }],
  ["dead-letters sink:together", 1, { ...calm, sending: sending({ freshLetters: 21 }) }],
  ["database-away database", 1, { ...calm, databaseAwaySince: after(0.5) }],
  [
    "vendor-away sink:together",
    1,
    { ...calm, sending: sending({ doing: "vendor-away" }), lane: { circuitSince: null, awaySince: after(0.5) } }
  ]
]

/** Everything is well at this hour, and was found so just now. */
const wellAt = (hours: number): Picture => ({
  ...calm,
  sources: [hr({ succeededAt: after(hours), last: { at: after(hours), outcome: "complete" }, due: after(hours + 1) })],
  sending: sending({ settledAt: after(hours) })
})

/** So many hours of work, the oldest change of that hour. */
const queue = (hours: number, oldest: number | null) =>
  sending({
    doing: "sending",
    leastMillis: hours * 3_600_000,
    oldestChange: oldest === null ? null : after(oldest),
    settledAt: after(20)
  })

const refused = (hours: number, freshLetters: number) =>
  [hours, { ...calm, sending: sending({ freshLetters }) }] as const

const loaded = (hours: number, length: number, oldest: number | null) =>
  [hours, { ...wellAt(hours), sending: queue(length, oldest) }] as const

describe("Alarms", () => {
  for (const [name, hours, picture] of troubles) {
    const stillSo = { ...picture, startedAt: after(-10) }
    it(`raises ${name} once and ends it once`, () => {
      const { told } = story([
        [0.6, calm],
        [hours, stillSo],
        [hours + second, stillSo],
        [hours + 0.1, stillSo],
        [hours + 1, wellAt(hours + 1)],
        [hours + 2, wellAt(hours + 2)]
      ])
      assert.deepStrictEqual(told, [`+${name}`, `-${name}`])
    })

    it(`raises ${name} no second time after a restart, and ends it when it is well`, () => {
      const { events } = story([[hours, stillSo]])
      const book = foldAlarms(recorded(events))
      assert.strictEqual(book.version, 1)
      const again = { ...begun, startedAt: after(hours + 0.1) }
      const { told } = story(
        [
          [hours + 0.1, again],
          [hours + 0.2, { ...picture, startedAt: after(hours + 0.1) }],
          [hours + 1, wellAt(hours + 1)]
        ],
        { book }
      )
      // What the database does not do is seen at the first look; everything else has to be looked at first.
      const away = name.startsWith("database")
      assert.deepStrictEqual(told, away ? [`-${name}`, `+${name}`, `-${name}`] : [`-${name}`])
    })
  }

  it("stays quiet when all is well, and when nothing is known yet", () => {
    assert.deepStrictEqual(story([0.6, 1, 25, 400].map((hours) => [hours, wellAt(hours)] as const)).told, [])
    assert.deepStrictEqual(
      story([
        [0, begun],
        [1, begun]
      ]).told,
      []
    )
  })

  it("holds nothing of a person: kinds, names of settings, counts and times are all its words", () => {
    const canary = "Ada Lovelace <ada@example.com>"
    for (const [, hours, picture] of troubles) {
      const last = picture.sources[0]?.last ?? null
      const told = { ...picture, sources: [{ ...hr(picture.sources[0]), last: last && { ...last, problem: canary } }] }
      const { book, events } = story([[hours, { ...told, startedAt: after(-10) }]])
      assert.notInclude(JSON.stringify([events, [...book.standing.values()]]), "Ada")
    }
  })

  it("ends what no configuration names any more", () => {
    const { told } = story([
      [1, { ...calm, sources: [failed("Malformed", 2, 1)] }],
      [2, { ...calm, sources: [] }]
    ])
    assert.deepStrictEqual(told, ["+source-failing source:hr", "-source-failing source:hr"])
  })

  it("raises each kind that the guard holds for itself, and ends it when a plan is made without", () => {
    const leavers = { kind: "leavers", people: 30, limit: 10 } as const
    const clears = { kind: "clears", people: 99, limit: 25 } as const
    const { told } = story([
      [1, { ...calm, sending: sending({ held: [leavers] }) }],
      [2, { ...calm, sending: sending({ held: [leavers, clears] }) }],
      [3, { ...calm, sending: sending({ doing: "vendor-away", held: [] }) }],
      [4, { ...calm, sending: sending({ doing: "sending", held: [clears] }) }]
    ])
    assert.deepStrictEqual(told, ["+plan-held guard:leavers", "+plan-held guard:clears", "-plan-held guard:leavers"])
  })

  it("tells refused credentials by their cause alone: once while they are tried again, and no open circuit beside", () => {
    const lane = { circuitSince: after(1), awaySince: null }
    const doing = (doing: SendingPicture["doing"]) => ({ ...calm, lane, sending: sending({ doing }) })
    const { told } = story([
      [1, doing("refused")],
      [1.01, doing("planning")],
      [1.02, doing("refused")],
      [2, doing("planning")],
      [3, { ...calm, sending: sending({ doing: "sending" }) }]
    ])
    assert.deepStrictEqual(told, ["+credentials-refused sink:together", "-credentials-refused sink:together"])
    const { book } = story([[1, doing("refused")]])
    const asked = { ...calm, sending: sending({ doing: "planning" }) }
    assert.deepStrictEqual(story([[2, asked]], { book }).told, [])
    const source = { ...calm, sources: [failed("AuthRefused", 2, 1)] }
    assert.deepStrictEqual(story([[1, source]]).told, ["+credentials-refused source:hr"])
  })

  it("tells an open circuit where another process met the refusal, after a minute", () => {
    const circuit = { ...calm, lane: { circuitSince: after(1), awaySince: null } }
    assert.deepStrictEqual(story([[1 + 59 * second, circuit]]).told, [])
    assert.deepStrictEqual(story([[1 + 60 * second, circuit]]).told, ["+circuit-open sink:together"])
  })

  it("takes one failure of a source for nothing, and ends at its next success", () => {
    const { told } = story([
      [1, { ...calm, sources: [failed("Unavailable", 1, 1)] }],
      [2, { ...calm, sources: [failed("Unavailable", 2, 2)] }],
      [3, { ...calm, sources: [failed("Unavailable", 3, 3)] }],
      [4, wellAt(4)],
      [5, { ...calm, sources: [failed("Unavailable", 1, 5)] }]
    ])
    assert.deepStrictEqual(told, ["+source-failing source:hr", "-source-failing source:hr"])
  })

  it("does not believe a restart that forgot a failure: a success from before ends nothing", () => {
    const { book } = story([[2, { ...calm, sources: [failed("ConfigInvalid", 2, 2)] }]])
    assert.deepStrictEqual(story([[3, calm]], { book }).told, [])
  })

  it("takes a source that is read once a week for silent when a week is over, not in between", () => {
    const weekly = { ...calm, sources: [hr({ succeededAt: after(0), due: after(7 * 24) })] }
    const at = (hours: number) => ({ ...weekly, sending: sending({ settledAt: after(hours) }) })
    assert.deepStrictEqual(story([27, 100, 7 * 24, 7 * 24 + 1].map((hours) => [hours, at(hours)] as const)).told, [])
    assert.deepStrictEqual(story([[7 * 24 + 1.5, at(7 * 24 + 1.5)]]).told, ["+silence source:hr"])
  })

  it("takes a source that is read on demand alone for no silent one", () => {
    const rare = { ...wellAt(100), sources: [hr({ due: null })] }
    assert.deepStrictEqual(story([[100, rare]]).told, [])
  })

  it("gives a process that was down for days the time to catch up before it calls anything silent", () => {
    const sources = [hr({ succeededAt: after(-72), due: after(-71) })]
    const late = { ...calm, sources, sending: sending({ settledAt: null, settledBefore: after(-72) }) }
    assert.deepStrictEqual(
      story([
        [0, late],
        [1.4, late]
      ]).told,
      []
    )
    assert.deepStrictEqual(story([[1.5, late]]).told, ["+silence source:hr", "+silence sink:together"])
    assert.deepStrictEqual(
      story([
        [0, late],
        [1.4, late],
        [1.5, wellAt(1.5)]
      ]).told,
      []
    )
  })

  it("remembers a silence over a restart by what the log shows of before", () => {
    const lastSeen = { ...calm, sending: sending({ doing: "vendor-away", settledAt: null, settledBefore: after(-25) }) }
    assert.deepStrictEqual(story([[2, lastSeen]]).told, ["+silence sink:together"])
  })

  it("takes a shorter silence where the configuration says so", () => {
    const limits = { silenceHours: 1 }
    const at = (hours: number) => story([[hours, calm]], { limits }).told
    assert.deepStrictEqual(at(1.4), [])
    assert.deepStrictEqual(at(2), ["+silence source:hr", "+silence sink:together"])
  })

  it("raises a backlog above its limits, by length or by age, and ends it well below them", () => {
    assert.deepStrictEqual(story([loaded(9, 12, 5)]).told, [])
    assert.deepStrictEqual(story([loaded(9.1, 1, 5)]).told, ["+backlog sink:together"])
    const { told } = story([
      loaded(9, 12.1, 8),
      loaded(10, 11.9, 8),
      loaded(11, 9.1, 8),
      loaded(11.1, 12.1, 8),
      loaded(12, 9, 8),
      loaded(13, 8, 10)
    ])
    assert.deepStrictEqual(told, ["+backlog sink:together", "-backlog sink:together"])
  })

  it("does not take what waits since a restart for younger than it is", () => {
    const { book } = story([[1, { ...calm, sending: sending({ leastMillis: 13 * 3_600_000 }) }]])
    const waits = { ...calm, sending: sending({ doing: "sending", leastMillis: 60_000, oldestChange: after(0.1) }) }
    assert.deepStrictEqual(story([[1.2, waits]], { book }).told, [])
    const nothing = { ...calm, sending: sending() }
    assert.deepStrictEqual(
      story(
        [
          [1.2, waits],
          [1.3, nothing]
        ],
        { book }
      ).told,
      ["-backlog sink:together"]
    )
  })

  it("counts the refusals of a day, and ends when they are well below the limit", () => {
    const { told } = story([
      refused(1, 20),
      refused(2, 21),
      refused(3, 20),
      refused(4, 21),
      refused(5, 15),
      refused(6, 20)
    ])
    assert.deepStrictEqual(told, ["+dead-letters sink:together", "-dead-letters sink:together"])
    const strict = { limits: { deadLettersPerDay: 0 } }
    assert.deepStrictEqual(story([refused(1, 0), refused(2, 1), refused(3, 0)], strict).told.length, 2)
  })

  it("takes a database or a vendor that comes back soon for nothing", () => {
    const away = { ...calm, databaseAwaySince: after(1), lane: { circuitSince: null, awaySince: after(1) } }
    assert.deepStrictEqual(
      story([
        [1 + 29 * second, away],
        [1 + 30 * second, calm]
      ]).told,
      []
    )
    assert.deepStrictEqual(
      story([
        [1.2, away],
        [1.25, away]
      ]).told,
      ["+database-away database", "+vendor-away sink:together"]
    )
  })

  it("tells all that is told, in its order, until it is delivered; and nothing where nobody is to be told", () => {
    const { book, events } = story([
      [1, { ...calm, sources: [failed("Unavailable", 2, 1)] }],
      [2, wellAt(2)]
    ])
    assert.deepStrictEqual(
      book.owed.map(({ id, state }) => [id, state]),
      [
        ["notice-1", "raised"],
        ["notice-2", "ended"]
      ]
    )
    assert.deepInclude(book.owed[1], { since: after(0.5), at: after(2), alarm: "source-failing", key: "source:hr" })
    const delivered = foldAlarms(recorded([...events, { type: "AlarmDelivered", notice: "notice-1" }]))
    assert.deepStrictEqual(
      delivered.owed.map(({ id }) => id),
      ["notice-2"]
    )
    const quiet = tell(
      emptyBook,
      judge({ ...calm, sending: sending({ freshLetters: 99 }) }, defaultLimits, millis(after(1))),
      {
        at: after(1),
        owed: false,
        name: () => "notice"
      }
    )
    assert.deepStrictEqual(quiet.reduce((now, { event }) => enter(now, event), emptyBook).owed, [])
  })

  it("says nothing twice in a row, whatever happens in whatever order", () => {
    const pictures = [calm, begun, ...troubles.map(([, , picture]) => picture)]
    const anything = fc.array(fc.tuple(fc.nat({ max: 6 }), fc.constantFrom(...pictures)), { maxLength: 30 })
    fc.assert(
      fc.property(anything, (steps) => {
        let hours = 0
        const { told } = story(steps.map(([step, picture]) => [(hours += step), picture] as const))
        const names = new Set(told.map((line) => line.slice(1)))
        for (const name of names) {
          const signs = told.filter((line) => line.slice(1) === name).map((line) => line[0])
          signs.forEach((sign, i) => assert.strictEqual(sign, i % 2 === 0 ? "+" : "-"))
        }
      })
    )
  })
})
