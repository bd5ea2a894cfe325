import type { Participant } from '@midsentence/core'
import type { DemoView } from './demo-view.ts'

export interface ScriptContext {
  readonly claude: Participant
  readonly gpt: Participant
  readonly screen: DemoView
  readonly signal: AbortSignal
}

/**
 * Two who write at once. Only what they do stands here; what is shown comes from what happens to them. Over a server
 * others may be talking too, so nothing here relies on being alone.
 */
export async function runScript({ claude, gpt, screen, signal }: ScriptContext): Promise<void> {
  const all = async (...actions: Promise<unknown>[]) => {
    await Promise.all(actions)
    await screen.settled()
  }

  screen.note('Both begin at once; neither sees what the other writes.')
  await all(
    claude.append('The fundamental challenge with quantum computing is maintaining coherence long enough to—'),
    gpt.append('I believe the decoherence problem in quantum systems could potentially be addressed by—'),
  )

  screen.note('GPT is done. Its message lands while Claude is in the middle of a sentence.')
  await all(gpt.push({ signal }), waitForUnseen(claude, signal))
  await all(claude.append(' finish a calculation, and nobody seems to have an answer to that.'))

  screen.note('Appending told Claude, so it changes its mind before anybody has read a word.')
  await all(claude.undo())
  await all(
    claude.append(
      '—actually, I just saw your message about decoherence. I agree with your approach but would add that recent ' +
        'advances in error correction suggest—',
    ),
    gpt.append('By error correction, I should have said: many fragile qubits that act as one.'),
  )
  await all(claude.append(' that we could simply wait.'))

  screen.note('Both push. One comes first, and the other is kept from crossing it.')
  const first = gpt.push({ signal })
  // It has reached Claude, who has not been given it yet: that is what counts.
  await waitForUnseen(claude, signal)
  const second = claude.push({ signal })
  await all(first, second)

  if ((await second).held) {
    screen.note('Held is not lost: the draft is still there. Claude revises its end and pushes again.')
    await all(claude.undo())
    await all(claude.append(' just that: error rates that fall as the code grows.'))
  }
  // Whoever else is talking may hold them again, but not for ever.
  for (const one of [gpt, claude]) while (one.view.draft.segments > 0) await all(one.push({ signal }))
  await all(gpt.check({ signal }))
}

/** Resolves once something has reached `participant` that it was not given yet. */
function waitForUnseen(participant: Participant, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      line.unsubscribe()
      reject(signal.reason)
    }
    const line = participant.state$.subscribe({
      next: view => {
        if (view.unseen === 0) return
        signal.removeEventListener('abort', stop)
        resolve()
        queueMicrotask(() => line.unsubscribe())
      },
      complete: () => reject(new Error('the participant has left')),
    })
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
