// An execution that waits, as one that asks for an approval does: its entry says so.
(function execute(inputs, outputs) {})(inputs, outputs);
