import type { Field } from '../dictionary/field.ts'
import type { Row, Store } from './store.ts'

function choicesOf(store: Store, field: Field): Row[] {
  if (!field.choicesOf) return []
  return store.rows('sys_choice').filter(row => row.name === field.choicesOf && row.element === field.name)
}

/** The choices of a field in their order, as stored value and label. */
export function choiceList(store: Store, field: Field): (readonly [value: string, label: string])[] {
  const rows = choicesOf(store, field).sort((left, right) => Number(left.sequence) - Number(right.sequence))
  return rows.map(row => [row.value ?? '', row.label ?? ''])
}

/** The label of a stored choice; undefined when the value is not in the list. */
export function choiceLabel(store: Store, field: Field, value: string): string | undefined {
  return choicesOf(store, field).find(row => row.value === value)?.label
}

/** The value of a choice by its label, any case. */
export function choiceValueByLabel(store: Store, field: Field, label: string): string | undefined {
  const lower = label.toLowerCase()
  return choicesOf(store, field).find(row => row.label?.toLowerCase() === lower)?.value
}

/** The value of a choice by value, value in any case, label, label in any case, in this order. */
export function matchChoice(store: Store, field: Field, text: string): string | undefined {
  const rows = choicesOf(store, field)
  const lower = text.toLowerCase()
  const found =
    rows.find(row => row.value === text) ??
    rows.find(row => row.value?.toLowerCase() === lower) ??
    rows.find(row => row.label === text) ??
    rows.find(row => row.label?.toLowerCase() === lower)
  return found?.value
}

/** Whether the field has a choice list. */
export function hasChoices(store: Store, field: Field): boolean {
  return choicesOf(store, field).length > 0
}
