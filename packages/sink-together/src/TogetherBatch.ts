/**
 * Takes people to Together in groups and finds out about each of them: the search chooses whom to ask for next, the lane
 * asks, and the answer gives verdicts or leads the search on.
 *
 * Called by `TogetherSink`. Everyone gets exactly one verdict, at the latest when asked alone: each answer settles
 * somebody or makes the set of suspects smaller.
 */
import type { StoreError } from "@rollcall/core/contract/EventLog"
import type { Answer, Errand, SinkError, Upsert, Verdict } from "@rollcall/core/contract/Sink"
import { Effect, MutableRef } from "effect"

import type { TogetherClient } from "./TogetherClient.ts"
import {
  anew,
  type Experience,
  inexperienced,
  limitsOf,
  sawPass,
  sawRefusal,
  sawTooLong
} from "./TogetherExperience.ts"
import type { TogetherLane } from "./TogetherLane.ts"
import { type MemberWord, readMembers } from "./TogetherMembers.ts"
import { type Reply, type TogetherError, TogetherFault, undocumented, wordsOf } from "./TogetherReply.ts"
import type { TogetherRequest, Understood } from "./TogetherRequest.ts"
import { begin, failed, type Group, nextGroup, passed, type Search } from "./TogetherSearch.ts"

/** `apply` of core's `Sink`; what it learns of the vendor's arrays it keeps for its next call. */
export const makeApply = (client: TogetherClient["Service"], lane: TogetherLane["Service"]) => {
  const experience = MutableRef.make<Experience<Upsert>>(inexperienced)
  return Effect.fnUntraced(function* <E, R>(
    upserts: ReadonlyArray<Upsert>,
    arraySize: number,
    errand: Errand<E, R>
  ): Effect.fn.Return<void, SinkError | StoreError | E, R> {
    MutableRef.update(experience, anew)
    let search = begin(upserts)
    while (true) {
      const known = MutableRef.get(experience)
      const group = nextGroup(search, known.share, limitsOf(known, arraySize, isAlone))
      if (group === undefined) return
      const before = search
      const understand = (reply: Reply) => {
        const conclusion = conclude(before, MutableRef.get(experience), group, reply)
        if (conclusion._tag === "Understood") MutableRef.set(experience, conclusion.result.experience)
        return conclusion
      }
      const { result } = yield* lane.take({ ...requestFor(client, group.members), understand }, errand)
      search = result.search
    }
  })
}

const isAlone = ({ alone, userId }: Upsert): boolean => alone === true || userId !== undefined

const requestFor = (
  client: TogetherClient["Service"],
  members: ReadonlyArray<Upsert>
): Omit<TogetherRequest<unknown>, "understand"> => {
  const userId = members[0]?.userId
  const linked = userId === undefined ? undefined : members[0]
  return {
    operation: linked === undefined ? "upsert" : "link",
    members: members.length,
    expectedVersions: new Map(members.map(({ stream, version }) => [stream, version])),
    cargo: { upserts: members },
    exchange: linked === undefined ? client.upsert(members) : client.link(userId ?? "", linked)
  }
}

/** What an answer leaves to be done, and what was learned from it. */
interface Conclusion {
  readonly search: Search<Upsert>
  readonly experience: Experience<Upsert>
}

type Verdicts = Answer["verdicts"]

const conclude = (
  search: Search<Upsert>,
  experience: Experience<Upsert>,
  group: Group<Upsert>,
  reply: Reply
): Understood<Conclusion> | TogetherError => {
  // Not about the people: the address is wrong.
  if (reply.status === 404 && group.members[0]?.userId === undefined) return undocumented(404)
  if (reply.accepted) return concludePass(search, experience, group, reply)
  if (group.members.length > 1) {
    const after = reply.status === 413 ? sawTooLong(experience, group) : sawRefusal(experience, group)
    return understood(reply, [], { search: reply.status === 413 ? search : failed(search, group), experience: after })
  }
  const verdicts = group.members.map((upsert) => ({ upsert, verdict: verdictOf(upsert, { ...reply, own: true }) }))
  return understood(reply, verdicts, { search: failed(search, group), experience: sawRefusal(experience, group) })
}

const concludePass = (
  search: Search<Upsert>,
  experience: Experience<Upsert>,
  group: Group<Upsert>,
  reply: Reply
): Understood<Conclusion> | TogetherError => {
  const { members } = group
  const employeeIds = members.map(({ employeeId }) => employeeId)
  const words = readMembers(reply.text, employeeIds)
  if (words === undefined && reply.status === 207) return undocumented(207)
  const verdicts = members.flatMap((upsert, i) => verdictFor(upsert, words?.[i] ?? unnamed, reply, members.length))
  const settled = new Set(verdicts.map(({ upsert }) => upsert))
  if (settled.size === 0) return putOff(reply)
  const open = members.filter((upsert) => !settled.has(upsert))
  const after = sawPass(experience, group)
  const shown = after.arrays === "refused" && experience.arrays !== "refused"
  const conclusion = understood(reply, verdicts, { search: passed(search, group, open), experience: after })
  return shown ? { ...conclusion, arraysRefused: true } : conclusion
}

const unnamed: MemberWord = { _tag: "Unnamed" }

const putOff = ({ status }: Reply): TogetherFault =>
  new TogetherFault({ status, problem: `Together answered ${status} and put off everybody in the request.` })

const understood = ({ status }: Reply, verdicts: Verdicts, result: Conclusion): Understood<Conclusion> => ({
  _tag: "Understood",
  status,
  verdicts,
  result
})

const verdictFor = (upsert: Upsert, word: MemberWord, reply: Reply, members: number): Verdicts => {
  switch (word._tag) {
    case "Undecided":
      return []
    case "Unnamed":
      return [{ upsert, verdict: verdictOf(upsert, { ...reply, own: members === 1 }) }]
    case "Accepted":
      return [{ upsert, verdict: verdictOf(upsert, { ...word, accepted: true, text: "", own: true }) }]
    case "Refused":
      return [{ upsert, verdict: verdictOf(upsert, { ...word, accepted: false, own: true }) }]
  }
}

const refusals: Readonly<Record<number, "conflicted" | "gone">> = { 409: "conflicted", 410: "gone" }

/** `own`: the status is this person's. An array's does not tell creation from update; whether one was known does. */
const verdictOf = ({ known }: Upsert, { accepted, status, text, own }: Reply & { readonly own: boolean }): Verdict => {
  if (!accepted) {
    const answer = text === "" ? {} : { answer: wordsOf(text) }
    return { _tag: "Refused", as: refusals[status] ?? "rejected", status, ...answer }
  }
  if (status === 204) return { _tag: "Applied", as: "unchanged", status }
  const created = own ? status === 201 : !known
  return { _tag: "Applied", as: created ? "created" : "updated", status }
}
