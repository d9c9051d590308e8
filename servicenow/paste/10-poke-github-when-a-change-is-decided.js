// Business rule "Poke GitHub when a change is decided" on change_request, advanced
// When: async, on update. Order 100.
// Filter condition: correlation_displaySTARTSWITHgha^approvalVALCHANGES^ORstateVALCHANGES

(function executeRule(current) {
  var poke = new ResumePoke();
  if (poke.concerns(current)) poke.send(current, 1);
})(current);
