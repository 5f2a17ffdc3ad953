/**
 * How many requests it takes to find k refused people among a thousand, with arrays of a hundred: group testing as the
 * sink does it, arrays and each refused person's own answer included, against 1.15 log2(C(1000, k)) + 20.
 *
 * `npx node benchmarks/refused-members.ts [PLACEMENTS]` (default 300 at random for each k, and the adversarial ones). Pure
 * simulation, no HTTP. Exit code 1 when a placement of 0, 1, 10 or 100 takes more than the bound.
 */
import {
  type Experience,
  inexperienced,
  limitsOf,
  sawPass,
  sawRefusal
} from "@rollcall/sink-together/TogetherExperience"
import { begin, failed, nextGroup, passed } from "@rollcall/sink-together/TogetherSearch"

const [people, arraySize] = [1000, 100]
const placements = Number(process.argv[2] ?? 300)
const judged = [0, 1, 10, 100]

/** The same chances in every run (mulberry32). */
const chanceFrom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}

const chance = chanceFrom(7)

const requestsFor = (bad: ReadonlySet<number>): number => {
  let search = begin(Array.from({ length: people }, (_, person) => person))
  let experience: Experience<number> = inexperienced
  for (let requests = 0; ; requests++) {
    const group = nextGroup(
      search,
      experience.share,
      limitsOf(experience, arraySize, () => false)
    )
    if (group === undefined) return requests
    const refused = group.members.some((person) => bad.has(person))
    search = refused ? failed(search, group) : passed(search, group)
    experience = refused ? sawRefusal(experience, group) : sawPass(experience, group)
  }
}

const random = (k: number): ReadonlySet<number> => {
  const bad = new Set<number>()
  while (bad.size < k) bad.add(Math.floor(chance() * people))
  return bad
}

const evenly = (k: number, groups: number, offset: number): ReadonlySet<number> => {
  const bad = new Set<number>()
  const each = Math.ceil(k / groups)
  for (let i = 0; bad.size < k && i < k; i++) {
    bad.add((Math.floor((Math.floor(i / each) * people) / groups) + (i % each) + offset) % people)
  }
  for (let person = 0; bad.size < k; person++) bad.add(person)
  return bad
}

/** All at the front, in the middle, at the end; spread evenly, singly and in clusters, at several offsets. */
const adversarial = (k: number): ReadonlyArray<ReadonlySet<number>> => {
  const block = (from: number) => new Set(Array.from({ length: k }, (_, i) => from + i))
  const blocks = [0, Math.floor((people - k) / 2), people - k].map(block)
  const offsets = Array.from({ length: 20 }, (_, i) => Math.floor((i * people) / Math.max(k, 1) / 20))
  const spread = offsets.map((offset) => evenly(k, Math.max(k, 1), offset))
  const clusters = [2, 3, 5, 10, 20, 50]
    .filter((size) => size < k)
    .flatMap((size) => [0, 1, 3, 7, 50, 90].map((offset) => evenly(k, Math.ceil(k / size), offset)))
  const halves = Array.from({ length: 20 }, () => new Set([...block(0)].slice(0, Math.ceil(k / 2)))).map((front) => {
    while (front.size < k) front.add(Math.floor(chance() * people))
    return front
  })
  return [...blocks, ...spread, ...clusters, ...halves]
}

const log2Choose = (k: number): number =>
  Array.from({ length: k }, (_, i) => Math.log2((people - i) / (k - i))).reduce((sum, bits) => sum + bits, 0)

const row = (k: number, kind: string, sets: ReadonlyArray<ReadonlySet<number>>) => {
  const requests = sets.map(requestsFor).toSorted((a, b) => a - b)
  const bound = 1.15 * log2Choose(k) + 20
  const [min, median, max] = [0, 0.5, 1].map((part) => requests[Math.floor((requests.length - 1) * part)] ?? 0)
  const over = requests.filter((count) => count > bound).length
  if (judged.includes(k) && over > 0) process.exitCode = 1
  const numbers = [k, min, median, max, Math.round(bound)].map((number) => String(number).padStart(7)).join("")
  const ratio = ((max ?? 0) / bound).toFixed(2).padStart(7)
  console.log(`${kind.padEnd(12)}${numbers}${ratio}${String(over).padStart(7)} of ${sets.length}`)
}

console.log(`${people} people, arrays of ${arraySize}; ratio is max / bound`)
console.log("placed            k    min median    max  bound  ratio   over")
for (const k of [0, 1, 10, 50, 100, 300, 1000]) {
  row(k, "at random", k === 0 || k === people ? [random(k)] : Array.from({ length: placements }, () => random(k)))
  row(k, "adversarial", adversarial(k))
}
