import type { RuleId } from '@midsentence/conformance'
import type { DraftFunctions } from '@midsentence/conformance/functions'
import * as core from '@midsentence/core'

/** A bug in otherwise right draft functions, and the rule that catches it. */
export interface DraftMutant {
  readonly name: string
  readonly breaks: RuleId
  readonly draft: DraftFunctions
}

const right: DraftFunctions = core

/** Appends `cut` of a text instead of the right prefix. */
const cutting = (cut: (text: string, limit: number) => string): DraftFunctions => ({
  ...right,
  append: (draft, text, base, limits = core.defaultLimits) => {
    const prefix = cut(text, limits.segment)
    const change = core.append(draft, prefix, base, { ...limits, segment: Number.MAX_SAFE_INTEGER })
    const dropped = core.codePoints(text) - change.accepted
    return { ...change, dropped, status: change.accepted === 0 ? 0 : dropped > 0 ? 2 : 1 }
  },
})

const suffixing = (suffix: (draft: core.Draft) => string): DraftFunctions => ({
  ...right,
  append: (draft, ...how) => {
    const change = core.append(draft, ...how)
    return { ...change, suffix: suffix(change.draft) }
  },
})

const clusters = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** Returns the first `limit` grapheme clusters. */
const byClusters = (text: string, limit: number) =>
  [...clusters.segment(text)]
    .slice(0, limit)
    .map(({ segment }) => segment)
    .join('')

const byCodePoints = (text: string, limit: number) => [...text].slice(0, limit).join('')

export const brokenDrafts: readonly DraftMutant[] = [
  {
    name: 'segments are joined by a space',
    breaks: 'D1',
    draft: {
      ...right,
      textOf: d =>
        core
          .segmentsOf(d)
          .map(s => s.text)
          .join(' '),
    },
  },
  {
    name: 'a cut append cannot be undone',
    breaks: 'D2',
    draft: {
      ...right,
      append: (draft, text, base, limits) => {
        const change = core.append(draft, text, base, limits)
        if (change.status !== 2 || !draft.head) return change
        // Merges the cut text into the previous segment.
        const event = {
          type: 'appended',
          text: draft.head.text + core.textOf(change.draft).slice(core.textOf(draft).length),
          base: 0,
        } as const
        return { ...change, draft: core.evolve(core.undo(draft).draft, event) }
      },
    },
  },
  {
    name: 'undo takes the oldest',
    breaks: 'D3',
    draft: {
      ...right,
      undo: draft => {
        const [, ...rest] = core.segmentsOf(draft)
        let left = core.emptyDraft
        for (const { text, base } of rest) left = core.evolve(left, { type: 'appended', text, base })
        return { ...core.undo(draft), draft: left }
      },
    },
  },
  {
    name: 'undo takes one character',
    breaks: 'D3',
    draft: {
      ...right,
      undo: draft => {
        const change = core.undo(draft)
        const text = draft.head?.text.slice(0, -1).toWellFormed() ?? ''
        return text === ''
          ? change
          : { ...change, draft: core.evolve(change.draft, { type: 'appended', text, base: 0 }) }
      },
    },
  },
  {
    name: 'undo reaches across a push',
    breaks: 'D4',
    draft: {
      ...right,
      evolve: (draft, event) => (event.type === 'pushed' ? core.undo(draft).draft : core.evolve(draft, event)),
    },
  },
  {
    name: 'reset takes back one segment',
    breaks: 'D4',
    draft: { ...right, reset: draft => ({ ...core.undo(draft), status: 1 }) },
  },
  {
    name: 'reset of an empty draft returns 0',
    breaks: 'D4',
    draft: { ...right, reset: d => ({ ...core.reset(d), status: d.head ? 1 : 0 }) },
  },
  {
    name: 'a cut append reports that it is complete',
    breaks: 'D5',
    draft: {
      ...right,
      append: (...args) => {
        const change = core.append(...args)
        return change.status === 2 ? { ...change, status: 1 } : change
      },
    },
  },
  {
    name: 'accepted counts code units',
    breaks: 'D5',
    draft: {
      ...right,
      append: (draft, ...how) => {
        const change = core.append(draft, ...how)
        return { ...change, accepted: core.textOf(change.draft).length - core.textOf(draft).length }
      },
    },
  },
  {
    name: 'a cut keeps the end of the text',
    breaks: 'T1',
    draft: cutting((text, limit) => [...text].slice(-limit).join('')),
  },
  { name: 'a cut falls inside a surrogate pair', breaks: 'T1', draft: cutting((text, limit) => text.slice(0, limit)) },
  { name: 'a cut falls inside an emoji family', breaks: 'T2', draft: cutting(byCodePoints) },
  {
    name: 'a cut falls inside a flag',
    breaks: 'T2',
    draft: cutting((text, limit) => {
      const prefix = core.truncate(text, limit)
      const next = [...text.slice(prefix.length)].slice(0, limit - core.codePoints(prefix))
      return next.length > 0 && /^\p{Regional_Indicator}+$/u.test(next.join('')) ? prefix + next.join('') : prefix
    }),
  },
  { name: 'the limit counts clusters', breaks: 'T2', draft: cutting(byClusters) },
  {
    name: 'the limit is one too high',
    breaks: 'T2',
    draft: {
      ...right,
      append: (d, t, b, l = core.defaultLimits) => core.append(d, t, b, { ...l, segment: l.segment + 1 }),
    },
  },
  {
    name: 'a Segmenter is iterated over a caller’s whole text',
    breaks: 'T5',
    draft: cutting((text, limit) => {
      let prefix = ''
      let full = false
      for (const { segment } of clusters.segment(text)) {
        full ||= core.codePoints(prefix) + core.codePoints(segment) > limit
        if (!full) prefix += segment
      }
      return prefix || core.truncate(text, limit)
    }),
  },
  {
    name: 'a draft has no maximum',
    breaks: 'T3',
    draft: { ...right, append: (d, t, b, l = core.defaultLimits) => core.append(d, t, b, { ...l, draft: 1e9 }) },
  },
  {
    name: 'a draft may have any number of segments',
    breaks: 'T3',
    draft: { ...right, append: (d, t, b, l = core.defaultLimits) => core.append(d, t, b, { ...l, segments: 1e9 }) },
  },
  {
    name: 'text beyond the last segment is merged into it',
    breaks: 'T3',
    draft: {
      ...right,
      append: (d, t, b, l = core.defaultLimits) => {
        const merges = d.segments >= l.segments
        return core.append(merges ? core.undo(d).draft : d, merges ? d.head!.text + t : t, b, l)
      },
    },
  },
  {
    name: 'text is normalised',
    breaks: 'T4',
    draft: { ...right, append: (d, text, ...how) => core.append(d, text.normalize('NFC'), ...how) },
  },
  {
    name: 'line breaks are normalised',
    breaks: 'T4',
    draft: { ...right, append: (d, text, ...how) => core.append(d, text.replaceAll('\r\n', '\n'), ...how) },
  },
  {
    name: 'lone surrogates are kept',
    breaks: 'T4',
    draft: {
      ...right,
      textOf: d => (core.textOf(d).includes('\ufffd') ? core.textOf(d).replace('\ufffd', '\ud800') : core.textOf(d)),
    },
  },
  {
    name: 'the suffix is that of the previous draft',
    breaks: 'S1',
    draft: suffixing(draft => core.suffixOf(core.undo(draft).draft)),
  },
  { name: 'the suffix is trimmed', breaks: 'S1', draft: suffixing(draft => core.suffixOf(draft).slice(0, -1)) },
  {
    name: 'the suffix has one character too many',
    breaks: 'S2',
    draft: suffixing(draft => [...core.textOf(draft)].slice(-81).join('')),
  },
  {
    name: 'the suffix ignores boundaries',
    breaks: 'S2',
    draft: suffixing(draft => [...core.textOf(draft)].slice(-80).join('')),
  },
  {
    name: 'no event reports a cut',
    breaks: 'E1',
    draft: {
      ...right,
      append: (...args) => {
        const change = core.append(...args)
        return change.status === 2 ? { ...change, events: [] } : change
      },
    },
  },
]
