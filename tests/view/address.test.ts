import assert from 'node:assert/strict';
import { withChromium } from '../fixtures/chromium.js';
import { viewedResults, type ViewedResults } from '../fixtures/viewed-results.js';

withChromium('the address of a page of the view', (open) => {
  let results: ViewedResults;
  before(async () => {
    results = await viewedResults();
  });
  after(() => results.close());

  it('says what it does not understand of an address, and at once that a run is none of those that are listed', async () => {
    const { page } = await open(results.view.address);
    const shows = async (hash: string, ...said: string[]): Promise<void> => {
      await page.evaluate<unknown>(`location.hash = ${JSON.stringify(hash)}`);
      for (const text of said) await page.getByRole('alert').getByText(text).first().waitFor();
    };
    await shows(
      `#/judgments?run=${results.name}&filter=nonsense&row=abc&offset=-1&fliter={}`,
      'filter "nonsense" (expected an object in JSON)',
      'row "abc" (expected a whole number from 0)',
      'offset "-1" (expected a whole number from 0)',
      '"fliter" (expected run, filter, offset, row)',
    );
    await page.getByText('1 to 100').waitFor();
    await shows(`#/judgments?run=${results.name}&row=-3`, 'row "-3"');
    await shows('#/judgements?run=x', 'page "judgements" (expected judgments, compare, review)');
    await shows('#/review', 'review without a run');
    await shows('#/judgments?run=nope', 'one of those that are listed');
    assert.equal(await page.getByText('reading the judgments').count(), 0);
    await shows('#/compare?a=nope&b=x', 'There is no run "nope"', 'There is no run "x"');
    assert.equal(await page.getByText('reading the judgments').count(), 0);
    await shows('#/review?run=nope', 'There is no run "nope"');
    assert.equal(await page.getByLabel('Your name').count(), 0);
    await shows(`#/compare?a=${results.name}@0&b=${results.name}@1&row=5000`, 'Item 5000 of the address');
    assert.equal(await page.title(), `Compare ${results.name}@0 and ${results.name}@1 - Autodidact`);
  });

  it('searches texts on Enter, and after a pause of typing', async () => {
    const { page } = await open(`${results.view.address}#/judgments?run=${results.name}`);
    const search = page.getByLabel('Text');
    await search.pressSequentially('no such');
    await page.getByText('None passes').waitFor();
    await page.waitForURL(/no(?:\+|%20)such/);
    await search.fill('');
    await search.press('Enter');
    await page.getByText('1 to 100').waitFor();
  });
});
