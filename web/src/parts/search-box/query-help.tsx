import { OPERATORS } from './operators.ts'

const SIGNS = [
  { example: 'harbour boats', means: 'any of the words, or something like it' },
  { example: '"fishing boat"', means: 'exactly these words' },
  { example: '-dog', means: 'without this word' },
] as const

/** The query language on one card. */
export function QueryHelp() {
  return (
    <>
      <h2>What can be asked</h2>
      <dl class="search-help-rows">
        {[...SIGNS, ...OPERATORS].map(({ example, means }) => (
          <div key={example}>
            <dt>
              <code>{example}</code>
            </dt>
            <dd>{means}</dd>
          </div>
        ))}
      </dl>
      <p>
        Filters can be joined: <code>boat type:photo after:2023</code> finds what all of them allow. A minus turns{' '}
        <code>type:</code> and <code>has:</code> around.
      </p>
      <p>Drop, paste or choose a picture to find what looks like it. It is compared and not kept.</p>
    </>
  )
}
