// Gives every search-as-you-type list in the administration the name of its label; select2 leaves it nameless.
"use strict";

function nameLists() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const container = select.nextElementSibling;
    if (!label || !container) continue;
    label.id ||= `${select.id}_label`;
    for (const part of container.querySelectorAll("[role=combobox], [role=textbox]")) {
      part.setAttribute("aria-labelledby", part.id ? `${label.id} ${part.id}` : label.id);
    }
  }
}

// jQuery calls in the order of asking: the lists have been made by then.
if (window.django?.jQuery) django.jQuery(nameLists);
document.addEventListener("formset:added", () => setTimeout(nameLists));
