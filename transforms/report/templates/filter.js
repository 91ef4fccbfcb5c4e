(() => {
  const form = document.getElementById('finder'), box = document.getElementById('find'), told = document.getElementById('found');
  const plain = text => text.toLowerCase().normalize('NFD').replace(/\+44/g, '0').replace(/[\u0300-\u036f'’‘`´+]/g, '');
  const isDay = /\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b/g;
  const asDay = (_, day, month, year) => `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const rows = [...document.querySelectorAll('[data-find]')];
  const text = rows.map(row => plain(`${row.textContent} ${row.dataset.find}`));
  const closed = [...document.querySelectorAll('main details:not([open])')];
  const blocks = [...document.querySelectorAll('main section, main .group')];
  const FEW = 12;  // so many hits are opened, so that it is seen why they were found
  form.hidden = false;
  form.addEventListener('submit', event => event.preventDefault());
  box.addEventListener('input', () => {
    const words = plain(box.value.replace(isDay, asDay)).split(/\s+/).filter(Boolean);
    let hits = 0;
    rows.forEach((row, i) => {
      const hit = words.every(word => text[i].includes(word));
      row.hidden = !hit;
      if (hit) hits += 1;
    });
    const searching = words.length > 0;
    document.body.classList.toggle('searching', searching);
    for (const details of closed) {
      const leads = !!details.querySelector('[data-find]:not([hidden])');
      const row = details.closest('[data-find]');
      details.open = searching && (leads || (hits <= FEW && !!row && !row.hidden));
    }
    for (const block of blocks) {
      block.hidden = searching && !block.querySelector('[data-find]:not([hidden])');
    }
    told.textContent = searching ? `${hits} of ${rows.length} entries` : '';
  });
})();
