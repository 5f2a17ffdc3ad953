import { assert, describe, it } from "@effect/vitest"

import { cappedRole, grantableRoles, includesRole, roles } from "../src/domain/Role.ts"

describe("Role", () => {
  it("includes itself and every lesser one, and no greater one", () => {
    for (const [i, role] of roles.entries()) {
      assert.deepStrictEqual(
        roles.filter((least) => includesRole(role, least)),
        roles.slice(0, i + 1)
      )
    }
  })

  it("is capped to the lesser of role and limit", () => {
    for (const role of roles) {
      for (const limit of roles) {
        const capped = cappedRole(role, limit)
        assert.isTrue(includesRole(role, capped) && includesRole(limit, capped))
        assert.include([role, limit], capped)
      }
    }
  })

  it("cannot be granted where it is the root key's alone", () => {
    assert.notInclude(grantableRoles, "SUPER_ADMIN")
  })
})
