import type { Host, Scope } from './types.ts'

/** Defines `GlideDateTime`. Times are UTC, `YYYY-MM-DD HH:MM:SS`; display values are in the user's zone. */
export function installDateTime(scope: Scope, host: Host): void {
  const DAY = 86_400_000
  const isNotANumber = Number.isNaN
  const pad = (value: number, digits: number) => {
    let padded = String(value)
    while (padded.length < digits) padded = `0${padded}`
    return padded
  }
  const formatted = (ms: number) => {
    const at = new Date(ms)
    const date = [pad(at.getUTCFullYear(), 4), pad(at.getUTCMonth() + 1, 2), pad(at.getUTCDate(), 2)]
    const time = [pad(at.getUTCHours(), 2), pad(at.getUTCMinutes(), 2), pad(at.getUTCSeconds(), 2)]
    return `${date.join('-')} ${time.join(':')}`
  }
  const parsed = (text: string) => {
    const parts = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}):(\d{2}))?/.exec(text)
    if (!parts) return Number.NaN
    const [, year, month, day, hour = '0', minute = '0', second = '0'] = parts
    return Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second)
    )
  }

  class GlideDateTime {
    #ms: number

    constructor(value?: unknown) {
      if (value === undefined) this.#ms = Number(host('now'))
      else if (value instanceof GlideDateTime) this.#ms = value.getNumericValue()
      else this.#ms = parsed(String(value))
    }
    getNumericValue(): number {
      return this.#ms
    }
    getValue(): string {
      return this.isValid() ? formatted(this.#ms) : ''
    }
    toString(): string {
      return this.getValue()
    }
    valueOf(): string {
      return this.getValue()
    }
    getDisplayValue(): unknown {
      return host('inZone', { stored: this.getValue() })
    }
    getDisplayValueInternal(): unknown {
      return this.getDisplayValue()
    }
    getDate(): { getValue: () => string; toString: () => string } {
      const date = this.getValue().slice(0, 10)
      return { getValue: () => date, toString: () => date }
    }
    setValue(value: unknown): void {
      this.#ms = typeof value === 'number' ? value : parsed(String(value))
    }
    setDisplayValue(value: unknown): void {
      this.#ms = parsed(String(host('fromZone', { displayed: String(value) })))
    }
    setNumericValue(ms: number): void {
      this.#ms = Number(ms)
    }
    isValid(): boolean {
      return !isNotANumber(this.#ms)
    }
    hasDate(): boolean {
      return this.isValid()
    }
    getErrorMsg(): string {
      return this.isValid() ? '' : 'Could not parse DateTime'
    }
    add(ms: unknown): void {
      this.#ms += Number(ms)
    }
    subtract(ms: unknown): void {
      this.#ms -= Number(ms)
    }
    addSeconds(seconds: number): void {
      this.#ms += Number(seconds) * 1000
    }
    addDays(days: number): void {
      this.#ms += Number(days) * DAY
    }
    addDaysUTC(days: number): void {
      this.addDays(days)
    }
    addDaysLocalTime(days: number): void {
      this.addDays(days)
    }
    addWeeksUTC(weeks: number): void {
      this.addDays(Number(weeks) * 7)
    }
    compareTo(other: unknown): number {
      const theirs = new GlideDateTime(other).getNumericValue()
      return this.#ms === theirs ? 0 : this.#ms < theirs ? -1 : 1
    }
    equals(other: unknown): boolean {
      return this.compareTo(other) === 0
    }
    before(other: unknown): boolean {
      return this.compareTo(other) < 0
    }
    after(other: unknown): boolean {
      return this.compareTo(other) > 0
    }
    onOrBefore(other: unknown): boolean {
      return this.compareTo(other) <= 0
    }
    onOrAfter(other: unknown): boolean {
      return this.compareTo(other) >= 0
    }
    getYearUTC(): number {
      return new Date(this.#ms).getUTCFullYear()
    }
    getMonthUTC(): number {
      return new Date(this.#ms).getUTCMonth() + 1
    }
    getDayOfMonthUTC(): number {
      return new Date(this.#ms).getUTCDate()
    }
    /** Monday is 1. */
    getDayOfWeekUTC(): number {
      return new Date(this.#ms).getUTCDay() || 7
    }
  }
  scope.GlideDateTime = GlideDateTime
}
