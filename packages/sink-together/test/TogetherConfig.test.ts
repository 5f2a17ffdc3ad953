import { assert, describe, it } from "@effect/vitest"
import { Exit, Schema } from "effect"

import { TogetherConfig } from "../src/TogetherConfig.ts"
import { canary, credentials, everyForm } from "./Vendor.ts"

const decode = (more: Record<string, unknown> = {}) =>
  Schema.decodeUnknownExit(TogetherConfig)({ ...credentials, ...more })

describe("TogetherConfig", () => {
  it("takes credentials alone", () => {
    assert.isTrue(Exit.isSuccess(decode()))
  })

  it.each(["https://api.eu.togetherplatform.com", "http://127.0.0.1:4010", "http://localhost:1/x/", "http://[::1]:80"])(
    "takes %s",
    (baseUrl) => assert.isTrue(Exit.isSuccess(decode({ baseUrl })))
  )

  it.each([
    "http://api.togetherplatform.com",
    "http://localhost.evil.example",
    "ftp://127.0.0.1",
    "api.togetherplatform.com",
    "https://host/?a=1",
    "https://host/#a",
    "https://me@host",
    "https://:secret@host",
    ""
  ])("refuses %s: the key would be at risk, or the address is none", (baseUrl) =>
    assert.isTrue(Exit.isFailure(decode({ baseUrl })))
  )

  it("refuses credentials that are empty or missing, without showing any", () => {
    const exit = decode({ organizationId: "", clientId: undefined })
    assert.isTrue(Exit.isFailure(exit))
    assert.notInclude(everyForm(exit), canary)
  })

  it("refuses sizes and times out of bounds", () => {
    for (const more of [
      { batchSize: 0 },
      { batchSize: 1001 },
      { batchSize: 1.5 },
      { timeoutSeconds: 0 },
      { timeoutSeconds: 601 },
      { patienceMinutes: -1 },
      { patienceMinutes: 1441 }
    ])
      assert.isTrue(Exit.isFailure(decode(more)), JSON.stringify(more))
    assert.isTrue(Exit.isSuccess(decode({ batchSize: 1, timeoutSeconds: 600, patienceMinutes: 0 })))
  })
})
