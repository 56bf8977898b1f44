// Shows an answer as soon as a cursor is moved. Without this script the button beside the cursors does the same.
'use strict';

const cursors = document.getElementById('curseurs');
if (cursors) {
  cursors.addEventListener('change', () => cursors.checkValidity() && cursors.requestSubmit());
}
