/**
 * The Directories that the served API is tried on.
 *
 * In memory, it is as the contracts say; whatever else stands here has to answer in the same way.
 */
import * as MemoryDirectory from "./MemoryDirectory.ts"

export const directories = [{ name: "in memory", directory: MemoryDirectory.layer }] as const
