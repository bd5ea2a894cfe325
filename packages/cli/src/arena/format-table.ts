import type { Interval } from '@midsentence/arena'
import type { Palette } from '../palette.ts'
import { columns, droppedFirst, formatFactor, formatMean } from './columns.ts'
import type { PolicySummary } from './summary.ts'

type Cells = readonly string[]

/** Formats the means of each policy, one line each, with intervals where `width` leaves room. */
export function formatMeans(summaries: readonly PolicySummary[], width: number, { dim, bold }: Palette): string {
  const withInterval = new Set(columns.map(({ key }) => key))
  const header = [
    ['', ...columns.map(({ title }) => title)] as const,
    ['', ...columns.map(({ unit }) => unit)] as const,
  ]
  const rows = () =>
    summaries.map(({ policy, means }) => [
      policy,
      ...columns.map(({ key, scale }) => formatMean(means[key], scale, withInterval.has(key))),
    ])
  let lines = alignRows([...header, ...rows()])
  for (const key of droppedFirst) {
    if (lines.every(line => line.length <= width)) break
    withInterval.delete(key)
    lines = alignRows([...header, ...rows()])
  }
  const [titles, units, ...values] = lines
  return `${[bold(titles!), dim(units!), ...values].join('\n')}\n`
}

/** Formats the ratios of each policy to `base`, with the interval below each. */
export function formatRatios(summaries: readonly PolicySummary[], base: string, { dim, bold }: Palette): string {
  const compared = columns.filter(({ key }) => key !== 'solved')
  const others = summaries.flatMap(({ policy, means, ratios }) =>
    ratios && policy !== base ? [{ policy, means, ratios }] : [],
  )
  const [titles, ...lines] = alignRows(
    [
      ['', ...compared.map(({ title }) => title)],
      ...others.flatMap(({ policy, means, ratios }) => [
        // A ratio of 1 without any is that of 0 to 0.
        [
          policy,
          ...compared.map(({ key }) => (isNone(means[key], ratios[key]) ? 'none' : formatFactor(ratios[key].value))),
        ],
        ['', ...compared.map(({ key }) => formatInterval(ratios[key]))],
      ]),
    ],
    1,
  )
  // Between two settings that never differ there is no interval.
  const rows = lines.flatMap((line, nth) => (nth % 2 === 0 ? [line] : line === '' ? [] : [dim(line)]))
  return `${[bold(titles!), ...rows].join('\n')}\n`
}

const isNone = (mean: Interval, ratio: Interval): boolean => mean.value === 0 && ratio.value === 1

const formatInterval = ({ low, high }: Interval): string =>
  low === high ? '' : `${formatFactor(low)}–${formatFactor(high)}`

/** Pads the cells of each column: the first to the left, the others to the right. */
export function alignRows(rows: readonly Cells[], gap = 2): string[] {
  const widths = rows[0]!.map((_, nth) => Math.max(...rows.map(cells => cells[nth]!.length)))
  return rows.map(cells =>
    cells
      .map((cell, nth) => (nth === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[nth]! + gap)))
      .join('')
      .trimEnd(),
  )
}
