(() => {
  const form = document.getElementById('finder'), box = document.getElementById('find'), told = document.getElementById('found');
  const rows = [...document.querySelectorAll('[data-find]')];
  const text = rows.map(row => row.textContent.toLowerCase());
  const closed = new Set([...document.querySelectorAll('main details:not([open])')]);
  const blocks = [...document.querySelectorAll('main section, main .group')];
  form.hidden = false;
  form.addEventListener('submit', event => event.preventDefault());
  box.addEventListener('input', () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let hits = 0;
    rows.forEach((row, i) => {
      const hit = words.every(word => text[i].includes(word));
      row.hidden = !hit;
      if (hit) hits += 1;
    });
    const searching = words.length > 0;
    document.body.classList.toggle('searching', searching);
    for (const details of closed) {
      details.open = searching && !details.classList.contains('history') && !!details.querySelector('[data-find]:not([hidden])');
    }
    for (const block of blocks) {
      block.hidden = searching && !block.querySelector('[data-find]:not([hidden])');
    }
    told.textContent = searching ? `${hits} of ${rows.length} entries` : '';
  });
})();
