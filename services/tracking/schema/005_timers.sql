-- Cases from before there were clocks: each is looked at once, and then has its time.
UPDATE @SCHEMA@.cases SET next_at = now() WHERE state <> 5;
