import { assert, describe, it } from "@effect/vitest"
import { AuthRefused } from "@rollcall/core/contract/Source"

import { personDetails } from "../src/UltiProEndpoint.ts"
import { readReply } from "../src/UltiProReply.ts"

const refusal = (text: string) => readReply({ status: 401, headers: {}, text }, personDetails, "ultipro:test", 0)

describe("UltiProReply: 401", () => {
  it.each([
    ["Invalid username or password.", "user name or password"],
    ["The US-Customer-Api-Key header is missing.", "the customer API key"],
    ["The customer API key is not valid.", "the customer API key"],
    ["The user API key is missing or not valid.", "the user API key"],
    ["Authorization has been denied for this request.", "the credentials"],
    ["", "the credentials"]
  ])("says which credential is refused where the answer does: %s", (detail, what) => {
    const canary = "CANARY-2d8e"
    const refused = refusal(JSON.stringify({ title: "Unauthorized", detail, code: canary }))
    assert.instanceOf(refused, AuthRefused)
    assert.strictEqual(refused.problem, `UltiPro refuses ${what} (401).`)
    assert.include(refused.remedy, "rollcall check")
    assert.notInclude(refused.problem + refused.remedy, canary)
  })
})
