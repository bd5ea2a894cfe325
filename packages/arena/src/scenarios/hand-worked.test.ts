import { describe, expect, test } from 'vitest'
import { type RandomStream, randomFrom } from '../random.ts'
import { debate } from './debate.ts'
import { meeting } from './meeting.ts'
import { politeLoop } from './polite-loop.ts'
import { proseFrom } from './prose.ts'
import { PERSON, runSerially, type Scenario, type Task } from './scenario.ts'
import { sharedNotes } from './shared-notes.ts'

/** Draws the least, and the first. So the tasks below do not depend on the generator. */
const unshuffled: RandomStream = {
  whole: least => least,
  between: least => least,
  chance: () => false,
  pick: values => values[0]!,
  shuffle: values => [...values],
}

type Said = readonly [author: string, content: string]

const conversation = (said: readonly Said[]) =>
  said.map(([sender_id, content], index) => ({ seq: index + 1, sender_id, content }))

/** Deals a task, and returns what each author plans after what was said, as far as `fact` finds it in the text. */
function play(scenario: Scenario, authors: readonly string[], fact: RegExp) {
  const task = scenario.deal(authors, unshuffled, proseFrom(1))
  const said: Said[] = []
  const planOf = (author: string) => fact.exec(task.plan(author, conversation(said))?.join('') ?? '')?.[0]
  return { task, planOf, plans: () => authors.map(planOf), say: (...message: Said) => said.push(message) }
}

const resultOf = (task: Task, ...said: readonly Said[]) => task.result(conversation(said))

describe('meeting', () => {
  // Both are free on Monday at 11:00, 14:00 and 16:00 and on Tuesday at 9:00. The room is taken on Monday at 11:00.
  const ada =
    'I am free on Monday at 11:00, Monday at 14:00, Monday at 16:00, Tuesday at 9:00, Tuesday at 11:00, Tuesday at 14:00.'
  const ben =
    'I am **free**: Monday 11:00, monday 14:00, Mondays at 16:00, TUESDAY 09:00, Tuesday at 16:00 and Wednesday, 9:00.'
  const adaCorrected = ada.replace('Monday at 16:00', 'Monday at 9:00')
  const taken = 'One more thing: the room is taken on Monday at 14:00.'
  const corrected = 'Correction: Ada is not free on Monday at 16:00 but on Monday at 9:00.'
  const freed = 'Forget that the room is taken on Monday at 11:00: it is free.'
  const fact = /I propose [^.]*|I am free .*\d\d?:00/

  test('authors say their slots, then propose the earliest one, again after each change', () => {
    const { task, planOf, plans, say } = play(meeting, ['Ada', 'Ben'], fact)
    expect(task.news!.map(({ content }) => content)).toEqual([taken, corrected, freed])
    expect(planOf('Ada')).toMatch(
      /^I am free on Monday at 11:00\. I could also .* on Monday at 16:00\. .* on Tuesday at 14:00$/,
    )
    say('Ada', ada)
    expect(planOf('Ada')).toBeUndefined()
    say('Ben', ben)
    expect(plans()).toEqual(['I propose Monday at 14:00', 'I propose Monday at 14:00'])
    say(PERSON, taken)
    expect(plans()).toEqual(['I propose Monday at 16:00', 'I propose Monday at 16:00'])
    say('Ben', 'So **I propose monday 16:00**, then.')
    expect(plans()).toEqual([undefined, undefined])
    say(PERSON, corrected)
    expect(planOf('Ada')).toMatch(/^I am free on Monday at 9:00\. I could also make it on Monday at 11:00\. /)
    expect(planOf('Ben')).toBeUndefined()
    say('Ada', adaCorrected)
    expect(planOf('Ben')).toBe('I propose Tuesday at 9:00')
    say(PERSON, freed)
    expect(planOf('Ada')).toBe('I propose Monday at 11:00')
  })

  test('the result has the newest proposal, as often as it was made, and the slots said last', () => {
    const { task } = play(meeting, ['Ada', 'Ben'], fact)
    const right = task.result(runSerially(task, ['Ada', 'Ben']))
    const start: readonly Said[] = [
      [PERSON, freed],
      [PERSON, taken],
      ['Ada', ada],
      ['Ben', ben],
      [PERSON, corrected],
    ]
    const again: Said = ['Ada', adaCorrected]
    const monday: Said = ['Ada', 'I propose Monday at 11:00.']
    const tuesday: Said = ['Ben', 'I propose Tuesday at 9:00.']
    expect(resultOf(task, ...start, again, monday)).toEqual(right)
    expect(resultOf(task, ...start, tuesday, monday, again)).toEqual(right)
    expect(resultOf(task, ...start, again, monday, tuesday)).not.toEqual(right)
    expect(resultOf(task, ...start, again, monday, monday)).not.toEqual(right)
    expect(resultOf(task, ...start, again)).not.toEqual(right)
    expect(resultOf(task, ...start, monday)).not.toEqual(right)
  })

  test('without the news, authors agree on another slot', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { news, ...rest } = meeting.deal(['Ada', 'Ben'], randomFrom(seed), proseFrom(seed))
      const agreed = (task: Task) => task.result(runSerially(task, ['Ada', 'Ben'])) as { proposals: string[] }
      const [, before] = /taken on (.+): it/.exec(news!.map(({ content }) => content).join('\n'))!
      expect(agreed({ ...rest, news: news! }).proposals).toEqual([before])
      expect(agreed(rest).proposals).not.toEqual([before])
    }
  })
})

describe('debate', () => {
  // Ada has the points 1 and 2, Ben 3 and 4, Cleo 5 and 6. Point 3 refutes 2, and point 1 refutes 4 and 6.
  const authors = ['Ada', 'Ben', 'Cleo']
  const fact = /(?:Point|Answer to point|I concede point) \d/

  test('points are raised, then the earliest open one is answered or conceded', () => {
    const { plans, say } = play(debate, authors, fact)
    expect(plans()).toEqual(['Point 1', 'Point 3', 'Point 5'])
    say('Cleo', '**Point 5.** It is far.')
    say('Cleo', 'Point 6.')
    expect(plans()).toEqual(['Point 1', 'Point 3', undefined])
    say('Ada', 'Point 1.')
    expect(plans()).toEqual(['Point 2', 'Point 3', 'I concede point 6'])
    say('Ben', 'Point 3: we have point 6 already.')
    expect(plans()).toEqual(['Answer to point 5', 'Answer to point 5', 'I concede point 6'])
    say('Ben', 'Answer to point 5. It is not.')
    expect(plans()).toEqual(['Answer to point 6', 'Answer to point 6', 'I concede point 6'])
    say('Cleo', 'You are right there. I concede point 6.')
    expect(plans()).toEqual(['Answer to point 3', 'Answer to point 1', 'Answer to point 1'])
  })

  test('the result counts no answer twice, and none that comes after the concession', () => {
    const { task } = play(debate, authors, fact)
    const firm: readonly Said[] = [
      ['Ada', 'Point 1.'],
      ['Ben', 'Point 3.'],
      ['Cleo', 'Point 5.'],
      ['Ben', 'Answer to point 5.'],
      ['Cleo', 'Answer to point 3.'],
      ['Cleo', 'Answer to point 1.'],
    ]
    const right = { givenUp: [2, 4, 6], answered: [1, 3, 5], wasted: [] }
    expect(task.result(runSerially(task, authors))).toEqual(right)
    expect(resultOf(task, ...firm)).toEqual(right)
    const raise: Said = ['Ada', 'Point 2.']
    const answer: Said = ['Ben', 'Answer to point 2.']
    const concede: Said = ['Ada', 'I concede point 2.']
    expect(resultOf(task, ...firm, raise, answer, concede)).toEqual(right)
    expect(resultOf(task, ...firm, raise, concede)).toEqual(right)
    expect(resultOf(task, ...firm, raise, answer)).toMatchObject({ givenUp: [4, 6], answered: [1, 2, 3, 5] })
    expect(resultOf(task, ...firm, raise, concede, answer)).toEqual({ ...right, wasted: [2] })
    expect(resultOf(task, ...firm, ['Ada', 'Answer to point 5.'])).toEqual({ ...right, wasted: [5] })
    expect(resultOf(task, ...firm.slice(0, -1))).toMatchObject({ answered: [3, 5] })
  })
})

describe('shared-notes', () => {
  // Line 1 is "hinge" and line 2 "helmet". Ada adds "harbor" and "hammer" to line 1, and Ben "guitar" and "goblet".
  const authors = ['Ada', 'Ben']
  const fact = /Line \d: [^.]*/

  test('an edit has the words that its line has by then, and other lines do not matter to it', () => {
    const { plans, say } = play(sharedNotes, authors, fact)
    expect(plans()).toEqual(['Line 1: hinge harbor', 'Line 1: hinge guitar'])
    say('Ben', 'Here it is:\n**Line 1: hinge guitar**\nAnything else?')
    expect(plans()).toEqual(['Line 1: hinge guitar harbor', 'Line 1: hinge guitar goblet'])
    say('Cleo', 'Line 2: helmet feather.')
    expect(plans()).toEqual(['Line 1: hinge guitar harbor', 'Line 1: hinge guitar goblet'])
  })

  test('a word that another edit lost stays lost, and its author does not look after it', () => {
    const { plans, say } = play(sharedNotes, authors, fact)
    say('Ben', 'Line 1: hinge guitar.')
    say('Ada', 'Line 1: hinge harbor.')
    expect(plans()).toEqual(['Line 1: hinge harbor hammer', 'Line 1: hinge harbor goblet'])
  })

  test('the result has the words of each line, none lost and none doubled', () => {
    const { task } = play(sharedNotes, authors, fact)
    const right = [['hinge', 'goblet', 'guitar', 'hammer', 'harbor'], ['helmet']]
    expect(task.result(runSerially(task, authors))).toEqual(right)
    expect(resultOf(task, ['Ben', 'The new line 1 is: Hinge, hammer, guitar, harbor, goblet. Fine?'])).toEqual(right)
    expect(resultOf(task, ['Ben', 'Line 1: hinge hammer guitar goblet.'])).not.toEqual(right)
    expect(resultOf(task, ['Ben', 'Line 1: hinge hammer guitar harbor goblet goblet.'])).not.toEqual(right)
    expect(
      resultOf(task, ['Ben', 'Line 1: hinge hammer guitar harbor goblet.'], ['Ada', 'Line 1: hinge.']),
    ).not.toEqual(right)
  })
})

describe('polite-loop', () => {
  const authors = ['Ada', 'Ben', 'Cleo']
  const fact = /My part is done|Thanks, \w+\.|Sure, \w+\./

  test('a report is thanked for once, and only thanks of more than a word are answered', () => {
    const { plans, say } = play(politeLoop, authors, fact)
    expect(plans()).toEqual(['My part is done', 'My part is done', 'My part is done'])
    for (const author of authors) say(author, '**My part is done.** Goodbye, all.')
    expect(plans()).toEqual(['Thanks, Ben.', 'Thanks, Ada.', 'Thanks, Ada.'])
    say('Ben', 'Thanks, Ada.')
    expect(plans()).toEqual(['Thanks, Ben.', 'Thanks, Cleo.', 'Thanks, Ben.'])
    say('Ada', 'Thanks, Ben. It looks good.')
    say('Ada', '*Thank you, Cleo!*')
    expect(plans()).toEqual([undefined, 'Sure, Ada.', undefined])
    say('Ben', 'Sure, Ada.')
    expect(plans()).toEqual([undefined, undefined, undefined])
  })

  test('the result says whether all was reported and thanked for, in a sensible number of messages', () => {
    const { task } = play(politeLoop, authors, fact)
    const right = { reported: authors, thanked: authors, isSensible: true }
    const reports = authors.map((author): Said => [author, 'My part is done.'])
    const thanks: readonly Said[] = [
      ['Ben', 'Thanks, Ada.'],
      ['Ada', 'Thanks, Ben.'],
      ['Ada', 'Thanks, Cleo.'],
    ]
    expect(task.result(runSerially(task, authors))).toEqual(right)
    expect(resultOf(task, ...reports, ...thanks)).toEqual(right)
    expect(resultOf(task, ...reports, ...thanks.slice(1))).toEqual({ ...right, thanked: ['Ben', 'Cleo'] })
    expect(resultOf(task, ...reports.slice(1), ...thanks)).toEqual({ ...right, reported: ['Ben', 'Cleo'] })
    const welcome = Array.from({ length: 7 }, (): Said => ['Ada', 'Sure, Ben.'])
    expect(resultOf(task, ...reports, ...thanks, ...welcome)).toEqual(right)
    expect(resultOf(task, ...reports, ...thanks, ...welcome, ['Ben', 'Sure, Ada.'])).toEqual({
      ...right,
      isSensible: false,
    })
  })
})
