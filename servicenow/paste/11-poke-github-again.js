// Script action "Poke GitHub again", active
// Event: x_chgact.poke

(function again(current, event) {
  var poke = new ResumePoke();
  // It may have been deployed or changed since.
  if (current && poke.concerns(current)) poke.send(current, parseInt(event.parm1, 10));
})(current, event);
