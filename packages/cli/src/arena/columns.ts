import { defaultPrices, type Interval, type Measures } from '@midsentence/arena'

/** A measure as a column of a table. */
export interface MeasureColumn {
  readonly key: keyof Measures
  readonly title: string
  readonly unit: string
  /** Factor from the measure to the unit. */
  readonly scale: number
  readonly about: string
}

const { input, cached, output } = defaultPrices

/** The columns, in their order. */
export const columns: readonly MeasureColumn[] = [
  { key: 'solved', title: 'solved', unit: '%', scale: 100, about: 'runs whose result is right' },
  {
    key: 'crossings',
    title: 'crossings',
    unit: '',
    scale: 1,
    about: 'pairs of a message and an earlier one that its author had not read',
  },
  {
    key: 'stale',
    title: 'stale',
    unit: '',
    scale: 1,
    about: 'messages that would differ, had their author read all before them',
  },
  { key: 'discarded', title: 'thrown', unit: 'away', scale: 1, about: 'characters that were written and not sent' },
  { key: 'time', title: 'time', unit: 's', scale: 1 / 1_000, about: 'until the last message' },
  {
    key: 'delayP95',
    title: 'delay',
    unit: 'p95 s',
    scale: 1 / 1_000,
    about: 'from having something to say until it is sent; 95 % take less',
  },
  {
    key: 'cost',
    title: 'cost',
    unit: '¢',
    scale: 100,
    about: `a million tokens: $${input} new, $${cached} read before, $${output} written`,
  },
]

/** Columns that lose their interval first, where a table is too wide. */
export const droppedFirst: readonly (keyof Measures)[] = ['cost', 'solved', 'delayP95', 'discarded', 'time']

/** Writes a mean as `12.3±0.4`, with the larger side of its interval, to its first digit. */
export function formatMean({ value, low, high }: Interval, scale: number, withInterval: boolean): string {
  const side = Math.max(high - value, value - low) * scale
  const shown = value * scale
  const decimals = side === 0 ? decimalsOf(shown) : Math.min(2, Math.max(0, -Math.floor(Math.log10(side))))
  const text = shown.toFixed(decimals)
  const sideText = side.toFixed(decimals)
  return withInterval && Number(sideText) > 0 ? `${text}±${sideText}` : text
}

const decimalsOf = (value: number): number => (Number.isInteger(value) || value >= 100 ? 0 : value >= 10 ? 1 : 2)

/** Writes a factor, such as 0.83 or ∞. */
export function formatFactor(factor: number): string {
  if (!Number.isFinite(factor)) return '∞'
  return factor.toFixed(factor >= 100 ? 0 : factor >= 10 ? 1 : factor === 1 || factor === 0 ? 0 : 2)
}
