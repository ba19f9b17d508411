(function () {
  "use strict";
  // Tables are complete without this: it only reorders and hides rows.
  function key(row, column) {
    var cell = row.cells[column];
    if (!cell) return null;
    var s = cell.hasAttribute("data-sort") ? cell.getAttribute("data-sort") : cell.textContent.trim();
    if (s === "" || s === "–") return null;
    var n = Number(s);
    return isNaN(n) ? s.toLowerCase() : n;
  }
  function compare(a, b) {
    if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
    return typeof a === "number" ? -1 : 1;
  }
  document.querySelectorAll("table.sortable").forEach(function (table) {
    var body = table.tBodies[0], heads = table.tHead.rows[0].cells;
    Array.prototype.forEach.call(heads, function (th, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = th.textContent;
      th.textContent = "";
      th.appendChild(button);
      button.addEventListener("click", function () {
        var sign = th.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        Array.prototype.forEach.call(heads, function (h) { h.removeAttribute("aria-sort"); });
        th.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        Array.prototype.map.call(body.rows, function (row) { return {row: row, key: key(row, column)}; })
          .sort(function (a, b) {
            if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
            return sign * compare(a.key, b.key);
          })
          .forEach(function (e) { body.appendChild(e.row); });
      });
    });
    if (body.rows.length < 12) return;
    var filter = document.createElement("input");
    filter.type = "search";
    filter.className = "filter";
    filter.placeholder = "filter rows";
    filter.setAttribute("aria-label", "filter rows");
    filter.addEventListener("input", function () {
      var want = filter.value.toLowerCase();
      Array.prototype.forEach.call(body.rows, function (row) {
        row.style.display = row.textContent.toLowerCase().indexOf(want) < 0 ? "none" : "";
      });
    });
    table.parentNode.insertBefore(filter, table);
  });
})();
