/**
 * Many texts, each of them once, numbered from 0 in the order in which they came.
 *
 * For whoever has to remember everybody: `Reading` and `Candidates` in the core, a source its keys. A Set or Map of strings
 * takes about a hundred bytes a person; here the code units stand side by side in one array, and no text is an object.
 */
export class PackedTexts {
  #units = new Uint16Array(1024)
  /** Where each text ends; it begins where the one before ends. */
  #ends = new Uint32Array(64)
  /** An open hash table of numbers, each one more than it is: 0 is a free place. At most half full. */
  #slots = new Uint32Array(128)
  #size = 0

  get size(): number {
    return this.#size
  }

  has(text: string): boolean {
    return this.numberOf(text) !== undefined
  }

  numberOf(text: string): number | undefined {
    const held = this.#slots[this.#slotOf(text)] ?? 0
    return held === 0 ? undefined : held - 1
  }

  /** The number of the text, which is taken in if it was not there. */
  add(text: string): number {
    const known = this.numberOf(text)
    if (known !== undefined) return known
    const number = this.#size
    const start = this.#endOf(number - 1)
    const end = start + text.length
    this.#units = withRoom(this.#units, end)
    for (let i = 0; i < text.length; i++) this.#units[start + i] = text.charCodeAt(i)
    this.#ends = withRoom(this.#ends, number + 1)
    this.#ends[number] = end
    this.#size++
    if (this.#size * 2 > this.#slots.length) this.#rehash()
    else this.#slots[this.#slotOf(text)] = number + 1
    return number
  }

  /** The text of a number that was given out. */
  at(number: number): string {
    const { buffer } = this.#units
    return Buffer.from(buffer).toString("utf16le", 2 * this.#endOf(number - 1), 2 * this.#endOf(number))
  }

  #endOf(number: number): number {
    return number < 0 ? 0 : (this.#ends[number] ?? 0)
  }

  /** The place where the text is, or where it would go. */
  #slotOf(text: string): number {
    let hash = seed
    for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i))
    let slot = this.#firstSlot(hash)
    for (let held = this.#slots[slot]; held !== 0 && held !== undefined; held = this.#slots[slot]) {
      if (this.#is(held - 1, text)) break
      slot = this.#slotAfter(slot)
    }
    return slot
  }

  #is(number: number, text: string): boolean {
    const start = this.#endOf(number - 1)
    if (this.#endOf(number) - start !== text.length) return false
    for (let i = 0; i < text.length; i++) if (this.#units[start + i] !== text.charCodeAt(i)) return false
    return true
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2)
    for (let number = 0; number < this.#size; number++) {
      let hash = seed
      for (let i = this.#endOf(number - 1); i < this.#endOf(number); i++) hash = mix(hash, this.#units[i] ?? 0)
      let slot = this.#firstSlot(hash)
      while (this.#slots[slot] !== 0) slot = this.#slotAfter(slot)
      this.#slots[slot] = number + 1
    }
  }

  #firstSlot(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.#slots.length - 1)
  }

  #slotAfter(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1)
  }
}

/** FNV-1a, a code unit at a time. */
const seed = 0x811c9dc5 | 0
const mix = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)

/** The array itself while it has so many places, or else one twice as long with the same in front. */
const withRoom = <A extends Uint16Array | Uint32Array>(array: A, places: number): A => {
  if (places <= array.length) return array
  const larger = new (array.constructor as new (length: number) => A)(Math.max(places, array.length * 2))
  larger.set(array)
  return larger
}
