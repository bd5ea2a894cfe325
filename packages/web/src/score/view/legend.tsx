interface LegendProps {
  readonly count: number
  readonly status: string | undefined
  readonly isNarrow: boolean
}

/** Says what the signs of the score mean. */
export const Legend = ({ count, status, isNarrow }: LegendProps) => (
  <div class="score-legend">
    <p>
      {count === 0
        ? 'Nothing is recorded here yet.'
        : 'Each lane is a participant. It shows what they wrote, in the order in which it happened, and what became of it.'}
      {status !== undefined && <strong> {status}</strong>}
    </p>
    {isNarrow ? (
      <details>
        <summary>What the signs mean</summary>
        <Signs />
      </details>
    ) : (
      <Signs />
    )}
  </div>
)

const Signs = () => (
  <ul aria-label="Signs">
    <li>
      <span class="score-sign score-block score-look-draft">draft</span> being written
    </li>
    <li>
      <span class="score-sign score-block score-look-undone">draft</span> taken back
    </li>
    <li>
      <span class="score-sign score-block score-look-pushed">draft</span> part of a message
    </li>
    <li>
      <span class="score-sign score-message">message</span> sent to all
    </li>
    <li>
      <span class="score-sign score-mark score-look-held">held</span> a push that must read first
    </li>
    <li>
      <span class="score-sign score-band">floor</span> others wait for this one
    </li>
  </ul>
)
