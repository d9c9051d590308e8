/** Units of the arguments: milliseconds, milliseconds, a factor, a share of 1, bytes, bytes. */
export const ms = (value: number) => `${value.toFixed(value < 100 ? 1 : 0)} ms`
export const seconds = (value: number) => `${(value / 1000).toFixed(1)} s`
export const ratio = (value: number) => `${value.toFixed(2)}×`
export const percent = (share: number) => `${(share * 100).toFixed(1)} %`
export const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`
export const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} KB`

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
