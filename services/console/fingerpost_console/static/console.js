// Starts GOV.UK's components, and says when a page has stopped being kept fresh. Everything works without it.

// a module is fetched once: this is the one whose integrity the page has checked
const { initAll } = await import(document.getElementById('govuk-frontend').src)
initAll()

const sayNotLive = () => {
  const line = document.getElementById('freshness-time')
  if (line && !line.dataset.stale) {
    line.dataset.stale = 'yes'
    line.textContent = `Not live. ${line.textContent}. Reload the page to try again.`
  }
}

document.addEventListener('htmx:error', sayNotLive)
document.addEventListener('htmx:response:error', sayNotLive)
