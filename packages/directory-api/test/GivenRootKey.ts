/** A root key of no secrecy. */
import { Redacted } from "effect"

import type { RootKey } from "../src/RootKey.ts"

export const rootKey: RootKey = Redacted.make(new Uint8Array(48).map((_, index) => index * 5 + 1))
