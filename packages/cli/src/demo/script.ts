import type { Participant } from '@midsentence/core'
import type { DemoView } from './demo-view.ts'

export interface ScriptContext {
  readonly claude: Participant
  readonly gpt: Participant
  readonly view: DemoView
  readonly signal: AbortSignal
}

/**
 * Runs the actions of the two participants. The view shows their events, which come from the participants themselves.
 * Other people may talk in the room, so the script does not depend on who is first.
 */
export async function runScript({ claude, gpt, view, signal }: ScriptContext): Promise<void> {
  const all = async (...actions: Promise<unknown>[]) => {
    await Promise.all(actions)
    await view.settled()
  }

  view.note('Both write at once; neither sees the draft of the other.')
  await all(
    claude.append('The fundamental challenge with quantum computing is maintaining coherence long enough to—'),
    gpt.append('I believe the decoherence problem in quantum systems could potentially be addressed by—'),
  )

  view.note('GPT pushes. Its message arrives while Claude is in the middle of a sentence.')
  await all(gpt.push({ signal }), waitForUnseen(claude, signal))
  await all(claude.append(' finish a calculation, and nobody seems to have an answer to that.'))

  view.note('The answer to append shows the message, so Claude revises its draft before anybody has read it.')
  await all(claude.undo())
  await all(
    claude.append(
      ' actually, I just saw your message about decoherence. I agree with your approach but would add that recent ' +
        'advances in error correction suggest—',
    ),
    gpt.append('By error correction, I should have said: many fragile qubits that act as one.'),
  )
  await all(claude.append(' that we could simply wait.'))

  view.note('Both push. One comes first; the other push is held, so that the messages do not cross.')
  const first = gpt.push({ signal })
  // The message has reached Claude, and no answer has shown it yet: this makes the next push held.
  await waitForUnseen(claude, signal)
  const second = claude.push({ signal })
  await all(first, second)

  if ((await second).held) {
    view.note('A held draft is kept. Claude revises its end and pushes again.')
    await all(claude.undo())
    await all(claude.append(' just that: error rates that fall as the code grows.'))
  }
  // Other participants may cause further holds; after three a participant gets the floor.
  for (const one of [gpt, claude]) while (one.view.draft.segments > 0) await all(one.push({ signal }))
  await all(gpt.check({ signal }))
}

/** Resolves when a message has reached `participant` that no answer has shown yet. Rejects when it leaves. */
function waitForUnseen(participant: Participant, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      subscription.unsubscribe()
      reject(signal.reason)
    }
    const subscription = participant.state$.subscribe({
      next: view => {
        if (view.unseen === 0) return
        signal.removeEventListener('abort', stop)
        resolve()
        queueMicrotask(() => subscription.unsubscribe())
      },
      complete: () => reject(new Error('The participant has left.')),
    })
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
