/** An answer of a kind expected of a family of models when asked how many parts of three it keeps, and how it is read. */
export interface ModelHabit {
  readonly family: string
  readonly answer: string
  /** Undefined: the model is asked once more. */
  readonly keep: number | undefined
  readonly text: string
}

const row = (family: string, answer: string, keep: number | undefined, text = 'But no.'): ModelHabit => ({
  family,
  answer,
  keep,
  text: keep === undefined ? '' : text,
})

const list = '1: The first thing is this.\n2: The second thing is that.\n3: And so on.'

/** Scripted answers: guesses at the habits of ten families, not recordings of them. */
export const modelHabits: readonly ModelHabit[] = [
  row('Claude', 'KEEP 2\nBut no.', 2),
  row('Claude', '2\n\nBut no.', 2),
  row('Claude', 'Keep the first two.\nBut no.', 2),
  row('GPT', '**KEEP 2**\n\nBut no.', 2),
  row('GPT', '{"keep": 2, "message": "But no."}', 2),
  row('GPT', '```json\n{"keep": 2}\n```\nBut no.', 2),
  row('Gemini', '```\n2\n```\nBut no.', 2),
  row('Gemini', '```\nKEEP 2\nBut no.\n```', 2),
  row('Gemini', '2 of 3\nBut no.', 2),
  row('Llama', 'Keep: 2\nBut no.', 2),
  row('Llama', 'Parts kept: 2\nBut no.', 2),
  row('Llama', `KEEP 2\n${list}\nBut no.`, 2),
  row('Mistral', 'deux\nBut no.', 2),
  row('Mistral', 'Je garde 2 parties.\nBut no.', 2),
  row('Mistral', '2/3\nBut no.', 2),
  row('Qwen', '保留2个部分\nBut no.', 2),
  row('Qwen', '二\nBut no.', 2),
  row('Qwen', '２\nBut no.', 2),
  row('DeepSeek', 'Answer:\n2\nBut no.', 2),
  row('DeepSeek', '1-2\nBut no.', 2),
  row('DeepSeek', `${list}\nKEEP 2\nBut no.`, 2),
  row('Gemma', 'two\nBut no.', 2),
  row('Gemma', 'KEEP 2: But no.', 2),
  row('Gemma', '<keep>2</keep>\nBut no.', 2),
  row('Phi', 'I keep 2 parts\nContinuation:\nBut no.', 2),
  row('Phi', 'KEEP 2\n---\nBut no.', 2),
  row('Phi', 'KEEP 2\nContinuing:\nBut no.', 2),
  row('Phi', 'KEEP 2\n**Continuing:** But no.', 2),
  row('Phi', 'KEEP 2\nContinuation: But no.', 2),
  row('Llama', '2\nContinued: But no.', 2),
  row('Llama', 'KEEP 2\n3: But no.', 2),
  row('Qwen', '2\n\n3: But no.', 2),
  row('Phi', 'KEEP 2\nBut no.\nKEEP 2', 2),
  row('Command R', '٢\nBut no.', 2),
  row('Command R', 'اثنان\nBut no.', 2),
  row('Command R', 'KEEP all', 3, ''),
  row('any', '1.5\nBut no.', undefined),
  row('any', '-1\nBut no.', undefined),
  row('any', '2 of 7\nBut no.', undefined),
  row('any', '99\nBut no.', undefined),
  row('any', '2 things come to my mind now.\nBut no.', undefined),
  row('any', 'I would rather say something else.', undefined),
]
