/** What the demo prints. */

/** @param {string} text */
export function heading(text) {
  console.log(`\n▸ ${text}`)
}

/**
 * Indents every line by two spaces.
 *
 * @param {string} text
 */
export function indented(text) {
  console.log(`  ${text.replaceAll('\n', '\n  ')}`)
}

/**
 * Prints the inputs of a step. Inputs that the actions set automatically are left out.
 *
 * @param {Record<string, string>} inputs
 */
export function printInputs(inputs) {
  for (const [name, value] of Object.entries(inputs)) {
    if (!name.startsWith('own-')) console.log(`  ${dim(`${name}: ${value.replaceAll('\n', ' ')}`)}`)
  }
}

/**
 * Prints a change and the result of its check.
 *
 * @param {[string, string][]} record labels and values
 * @param {string[]} faults
 */
export function printRecord(record, faults) {
  heading('The change in ServiceNow')
  for (const [label, value] of record) {
    console.log(`  ${`${label}:`.padEnd(19)}${value.replaceAll('\n', `\n${' '.repeat(21)}`)}`)
  }
  console.log('')
  for (const fault of faults) console.log(`  ✗ ${fault}`)
  if (faults.length === 0) {
    console.log('  ✓ Closed as successful, approved by one approver, all evidence attached, no other change.')
  }
}

/** @param {string} text */
function dim(text) {
  return process.stdout.isTTY ? `\u001b[2m${text}\u001b[0m` : text
}
