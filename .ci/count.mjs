// Reads vitest's own report and prints the closing line of a run; fails with the run. A check that failed counts as one
// failure, and so does a run that broke off before it had anything to count.
import { readFileSync } from "node:fs"

const [, , file, checks, tests] = process.argv
const read = () => {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return { numPassedTests: 0, numFailedTests: 0 }
  }
}
const { numFailedTests, numPassedTests } = read()
const broken = tests !== "0" && numFailedTests === 0 ? 1 : 0
const none = numPassedTests === 0 && broken === 0 ? 1 : 0
const failed = numFailedTests + (checks === "0" ? 0 : 1) + broken + none
console.log(`\n${numPassedTests} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
