// The page's own part: pytest-html draws the table, anew at every click; this shows a row's findings, filters rows, and lets the keyboard do it all.
(() => {
  'use strict'

  const details = JSON.parse(document.getElementById('ssb-details').textContent)
  const text = (number) => details.texts[number]
  const node = (tag, said, name) => {
    const made = document.createElement(tag)
    if (said) made.textContent = said
    if (name) made.className = name
    return made
  }
  const table = () => document.getElementById('results-table')
  const keyOf = (body) => body.querySelector('.col-testId')?.textContent

  // --- a row's findings: whatever the account says is shown as text

  const code = (command) => {
    const line = node('div', '', 'ssb-command')
    const shown = node('code', command)
    shown.tabIndex = 0
    const copy = node('button', 'Copy', 'ssb-copy')
    copy.type = 'button'
    line.append(shown, copy)
    return line
  }

  const mends = (command) => {
    if (!command) return ''
    return command.startsWith('#') ? node('div', command.replace(/^#\s*/, ''), 'ssb-hand') : code(command)
  }

  const finding = (numbers) => {
    const [status, severity, name, resource, region, reason, evidence, fix, fresh] = numbers.map(text)
    const row = node('tr')
    const cells = Array.from({ length: 4 }, () => node('td'))
    cells[0].append(node('b', status.replace('_', ' '), `ssb-${status}`), ' ', node('span', status === 'FAIL' ? severity : '', `ssb-${severity}`), ...(fresh ? [' ', node('b', fresh, 'ssb-new')] : []))
    cells[1].append(node('strong', name), node('div', resource + (region ? `, ${region}` : ''), 'ssb-more'))
    cells[2].append(node('div', reason), node('div', evidence, 'ssb-more'))
    cells[3].append(mends(fix))
    row.append(...cells)
    return row
  }

  const fill = (place, key) => {
    const told = details.tests[key]
    if (!told || place.childElementCount) return
    const [nodeid, counts, left, references, findings] = told
    if (findings.length) {
      const head = node('tr')
      head.append(...['Status', 'Resource', 'What was seen', 'What mends it'].map((word) => Object.assign(node('th', word), { scope: 'col' })))
      const shown = node('table')
      shown.append(node('thead'), node('tbody'))
      shown.tHead.append(head)
      shown.tBodies[0].append(...findings.map(finding))
      place.append(shown)
    }
    place.append(node('p', left ? `... and ${left} more, in the findings file. In all: ${text(counts)}.` : `In all: ${text(counts)}.`))
    const links = node('p', '', 'ssb-more')
    references.map(text).forEach((url) => {
      if (!/^https?:\/\//.test(url)) return
      links.append(Object.assign(node('a', url), { href: url, rel: 'noreferrer' }), ' ')
    })
    place.append(links, node('code', text(nodeid)))
  }

  // --- after each time that pytest-html has drawn the table

  const words = new Map()
  const said = (body, key) => {
    if (!words.has(key)) words.set(key, body.querySelector('.collapsible').textContent.toLowerCase().replace(/\s+/g, ' '))
    return words.get(key)
  }

  const drawn = () => {
    const wanted = document.getElementById('ssb-find').value.toLowerCase().split(/\s+/).filter(Boolean)
    let shown = 0
    let all = 0
    for (const body of table().tBodies) {
      const key = keyOf(body)
      if (!key) continue
      const hit = wanted.every((word) => said(body, key).includes(word))
      body.hidden = !hit
      all += 1
      shown += hit
      const open = !body.querySelector('.extras-row').classList.contains('hidden')
      body.querySelector('.ssb-toggle')?.setAttribute('aria-expanded', open)
      const place = open && hit && body.querySelector('.ssb-log')
      if (place) fill(place, key)
    }
    document.getElementById('ssb-shown').textContent = `${shown} of ${all} rows`
    for (const head of table().tHead.querySelectorAll('.sortable')) {
      // pytest-html's "asc" is what it draws as an arrow upwards: the list as it is sorted, not reversed.
      const way = head.classList.contains('asc') ? 'ascending' : head.classList.contains('desc') ? 'descending' : 'none'
      head.setAttribute('aria-sort', way)
    }
  }

  const find = () => {
    const asked = /^#find=(.*)$/.exec(window.location.hash)
    if (!asked) return
    document.getElementById('ssb-find').value = decodeURIComponent(asked[1])
    drawn()
    document.getElementById('ssb-tests').scrollIntoView()
  }

  // --- clicks and keys

  const copied = async (button) => {
    const command = button.previousElementSibling
    try {
      await navigator.clipboard.writeText(command.textContent)
    } catch {
      // Over plain HTTP, or where it is not allowed: the old way, by what is selected.
      window.getSelection().selectAllChildren(command)
      document.execCommand('copy')
    }
    button.textContent = 'Copied'
    setTimeout(() => { button.textContent = 'Copy' }, 2000)
  }

  // pytest-html opens a row at a click on its cell alone, not on what is in the cell, and draws all rows anew: the button's focus goes with them.
  const toggle = (button) => {
    const { id } = button.closest('tr').dataset
    button.parentElement.click()
    document.querySelector(`#results-table tr[data-id="${id}"] .ssb-toggle`)?.focus()
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('button')
    if (button?.matches('.ssb-toggle')) {
      event.stopPropagation()
      toggle(button)
    } else if (button?.matches('.ssb-copy')) {
      copied(button)
    } else if (event.target.closest?.('a')?.hash.startsWith('#find=')) {
      // The address may be the one that is there already.
      setTimeout(find)
    }
  }, true)

  document.addEventListener('keydown', (event) => {
    if (!event.target.matches?.('th.sortable') || !['Enter', ' '].includes(event.key)) return
    event.preventDefault()
    event.target.click()
    event.target.focus()
  })

  // --- on paper, all that is folded in is shown

  const folded = []
  window.addEventListener('beforeprint', () => {
    document.querySelectorAll('#ssb details:not([open])').forEach((each) => { each.open = true; folded.push(each) })
  })
  window.addEventListener('afterprint', () => { folded.splice(0).forEach((each) => { each.open = false }) })

  document.addEventListener('DOMContentLoaded', () => {
    document.querySelectorAll('.filters input').forEach((each) => {
      const label = each.nextElementSibling
      label.textContent = label.textContent.replace(',', '')
      each.setAttribute('aria-label', label.textContent)
    })
    new MutationObserver(drawn).observe(document.body, { childList: true })
    document.getElementById('ssb-find').addEventListener('input', drawn)
    window.addEventListener('hashchange', find)
    drawn()
    find()
  })
})()
