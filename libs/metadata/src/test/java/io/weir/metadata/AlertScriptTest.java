package io.weir.metadata;

import static io.weir.metadata.AlertScript.play;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

/** What an alert does, and who hears of it, told as stories. */
class AlertScriptTest {

    @Test
    void anErrorRateThatStaysHighIsToldOnceAndItsEndOnce() {
        play("""
                rule errors above 5 for 5m
                route to ops
                at 09:59 errors is 1
                at 10:00 errors is 7
                  then errors pending
                at 10:01 to 10:05 errors is 8
                  then errors firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:06 to 10:20 errors is 9
                  then nothing
                at 10:21 errors is 2
                  then errors resolved
                  then mail to ops: resolve 0 firing 1 resolved
                """);
    }

    @Test
    void aPeakThatIsShorterThanTheRuleAsksIsNotTold() {
        play("""
                rule errors above 5 for 5m
                route to ops
                at 10:00 errors is 7
                  then errors pending
                at 10:01 to 10:04 errors is 7
                at 10:05 errors is 5
                  then errors inactive
                at 10:06 errors is 7
                  then errors pending
                """);
    }

    @Test
    void onceFiringItEndsOnlyInsideTheClearLimit() {
        play("""
                rule errors above 5 clear 3
                route to ops
                at 10:00 errors is 6
                  then errors firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:01 to 10:09 errors is 4
                at 10:10 errors is 3
                  then errors resolved
                  then mail to ops: resolve 0 firing 1 resolved
                at 10:11 errors is 4
                """);
    }

    @Test
    void aFiringAlertResolvesOnlyAfterItHasBeenClearForAsLongAsTheRuleAsks() {
        play("""
                rule errors above 5 keep 3m
                route to ops
                at 10:00 errors is 6
                  then errors firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:01 errors is 1
                at 10:02 errors is 6
                at 10:03 errors is 1
                at 10:06 errors is 1
                  then errors resolved
                  then mail to ops: resolve 0 firing 1 resolved
                """);
    }

    @Test
    void aSeriesThatJumpsToAndFroIsDamped() {
        play("""
                rule errors above 5
                route to ops
                at 10:00 errors is 6
                  then errors firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:01 errors is 1
                  then errors resolved
                  then mail to ops: resolve 0 firing 1 resolved
                at 10:02 errors is 6
                  then errors firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:03 errors is 1
                at 10:04 errors is 6
                at 10:05 errors is 1
                at 10:06 errors is 6
                at 10:07 errors is 1
                at 10:08 errors is 1
                at 10:09 errors is 1
                  then errors resolved
                  then mail to ops: resolve 0 firing 1 resolved
                at 10:10 errors is 6
                  then errors firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:11 to 10:15 errors is 1
                  then errors resolved
                  then mail to ops: resolve 0 firing 1 resolved
                """);
    }

    @Test
    void whatStillFiresIsToldAgainAfterTheRepeatInterval() {
        play("""
                rule errors above 5
                route to ops repeat 60m
                at 10:00 errors is 6
                  then errors firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:01 to 11:00 errors is 6
                  then mail to ops: repeat 1 firing 0 resolved
                at 11:01 to 12:00 errors is 6
                  then mail to ops: repeat 1 firing 0 resolved
                """);
    }

    @Test
    void groupsHaveAlertsOfTheirOwnAndAreToldTogether() {
        play("""
                rule slow above 5 by source
                route to ops wait 2m interval 5m
                at 10:00 slow of a is 7, of b is 1
                  then slow a firing
                at 10:01 slow of a is 7, of b is 7
                  then slow b firing
                at 10:02 slow of a is 7, of b is 7
                  then mail to ops: trigger 2 firing 0 resolved
                at 10:03 slow of a is 7, of b is 7, of c is 9
                  then slow c firing
                at 10:07 slow of a is 7, of b is 1, of c is 9
                  then slow b resolved
                  then mail to ops: trigger 2 firing 1 resolved
                at 10:08 slow of a is 1, of b is 1, of c is 1
                  then slow a resolved
                  then slow c resolved
                  then mail to ops: resolve 0 firing 2 resolved
                """);
    }

    @Test
    void aSilenceHoldsTheMailBackAndTheAlertIsToldWhenItEnds() {
        play("""
                rule errors above 5
                route to ops
                at 10:00 silence rule="errors" for 30m
                at 10:05 errors is 6
                  then errors firing
                at 10:06 to 10:29 errors is 6
                  then nothing
                at 10:30 errors is 6
                  then mail to ops: trigger 1 firing 0 resolved
                """);
    }

    @Test
    void anAlertThatComesAndGoesUnderASilenceIsNeverTold() {
        play("""
                rule errors above 5
                route to ops
                at 10:00 silence rule="errors" for 30m
                at 10:05 errors is 6
                  then errors firing
                at 10:20 errors is 1
                  then errors resolved
                at 10:40 errors is 1
                """);
    }

    @Test
    void theEndOfWhatWasToldIsToldEvenUnderASilence() {
        play("""
                rule errors above 5
                route to ops repeat 10m
                at 10:00 errors is 6
                  then errors firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:01 silence rule="errors" for 60m
                at 10:20 errors is 6
                  then nothing
                at 10:30 errors is 1
                  then errors resolved
                  then mail to ops: resolve 0 firing 1 resolved
                """);
    }

    @Test
    void nobodyAcknowledgesAndTheNextLevelIsTold() {
        play("""
                rule errors above 5
                route to ops
                escalate after 15m to boss
                escalate after 30m to chief
                at 10:00 errors is 6
                  then errors firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:15 errors is 6
                  then mail to boss: escalation 1 firing 0 resolved
                at 10:30 errors is 6
                  then mail to chief: escalation 1 firing 0 resolved
                at 10:40 errors is 1
                  then errors resolved
                  then mail to ops: resolve 0 firing 1 resolved
                  then mail to boss: resolve 0 firing 1 resolved
                  then mail to chief: resolve 0 firing 1 resolved
                """);
    }

    @Test
    void anAcknowledgementStopsEscalationAndRepetitionAndIsToldToThePager() {
        play("""
                rule errors above 5
                route to pager repeat 20m
                escalate after 15m to boss
                at 10:00 errors is 6
                  then errors firing
                  then mail to pager: trigger 1 firing 0 resolved
                at 10:10 anna acknowledges errors
                  then mail to pager: acknowledge 1 firing 0 resolved
                at 11:00 errors is 6
                  then nothing
                at 11:01 errors is 1
                  then errors resolved
                  then mail to pager: resolve 0 firing 1 resolved
                at 11:02 errors is 6
                  then errors firing
                  then mail to pager: trigger 1 firing 0 resolved
                at 11:17 errors is 6
                  then mail to boss: escalation 1 firing 0 resolved
                """);
    }

    @Test
    void anAcknowledgementIsToldOnceThoughOneOfTheAlertsEndsAfterIt() {
        play("""
                rule slow above 5 by source
                route to pager
                at 10:00 slow of a is 7, of b is 7
                  then slow a firing
                  then slow b firing
                  then mail to pager: trigger 2 firing 0 resolved
                at 10:10 anna acknowledges slow
                  then mail to pager: acknowledge 2 firing 0 resolved
                at 10:20 slow of a is 7, of b is 1
                  then slow b resolved
                  then mail to pager: repeat 1 firing 1 resolved
                at 10:21 nothing happens
                  then nothing
                """);
    }

    @Test
    void aNewAlertInAnAcknowledgedGroupIsEscalatedFromTheFirstLevelOn() {
        play("""
                rule slow above 5 by source
                route to ops
                escalate after 15m to boss
                escalate after 30m to chief
                at 10:00 slow of a is 7
                  then slow a firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:15 nothing happens
                  then mail to boss: escalation 1 firing 0 resolved
                at 10:20 anna acknowledges slow
                at 12:00 slow of a is 7, of b is 7
                  then slow b firing
                  then mail to ops: trigger 2 firing 0 resolved
                at 12:15 nothing happens
                  then mail to boss: escalation 2 firing 0 resolved
                at 12:30 nothing happens
                  then mail to chief: escalation 2 firing 0 resolved
                """);
    }

    @Test
    void aNewAlertThatWaitsToBeToldIsNotEscalatedBefore() {
        play("""
                rule slow above 5 by source
                route to ops interval 60m
                escalate after 15m to boss
                at 10:00 slow of a is 7
                  then slow a firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:05 anna acknowledges slow
                at 10:40 slow of a is 7, of b is 7
                  then slow b firing
                at 11:00 nothing happens
                  then mail to ops: trigger 2 firing 0 resolved
                at 11:15 nothing happens
                  then mail to boss: escalation 2 firing 0 resolved
                """);
    }

    @Test
    void anAlertThatFiresAsTheAcknowledgedOneEndsIsEscalatedFromTheFirstLevelOn() {
        play("""
                rule slow above 5 by source
                route to ops
                escalate after 15m to boss
                at 10:00 slow of a is 7
                  then slow a firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:14 anna acknowledges slow
                at 10:14 slow of a is 1, of b is 7
                  then slow a resolved
                  then slow b firing
                  then mail to ops: trigger 1 firing 1 resolved
                at 10:29 nothing happens
                  then mail to boss: escalation 1 firing 0 resolved
                """);
    }

    @Test
    void anAlertThatFollowsFromAnotherIsNotTold() {
        play("""
                rule down above 0 is critical
                rule errors above 5
                inhibit rule="errors" by rule="down"
                route to ops
                at 10:00 down is 1
                  then down firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:01 errors is 6
                  then errors firing
                at 10:05 down is 0
                  then down resolved
                  then mail to ops: resolve 0 firing 1 resolved
                  then mail to ops: trigger 1 firing 0 resolved
                """);
    }

    @Test
    void aMuteWindowIsByTheClockOnTheWall() {
        // 22:00 in Berlin is 21:00 UTC in January.
        play("""
                rule errors above 5
                route to ops repeat 10m
                mute 22:00 to 06:00 Europe/Berlin on FRIDAY
                at 20:55 errors is 6
                  then errors firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 21:05 errors is 6
                at 21:30 errors is 6
                """);
    }

    @Test
    void noDataMayClearKeepOrAlert() {
        play("""
                rule clears above 5 no data clear
                rule keeps above 5 no data keep
                rule alerts above 5 no data alert for 2m
                at 10:00 clears is 6
                at 10:00 keeps is 6
                at 10:00 alerts is 1
                  then clears firing
                  then keeps firing
                at 10:01 clears has no data
                at 10:01 keeps has no data
                at 10:01 alerts has no data
                  then clears resolved
                  then alerts pending
                at 10:03 nothing happens
                  then alerts firing
                """);
    }

    @Test
    void aRuleThatFailsKeepsItsAlertsAndIsAnAlertItself() {
        play("""
                rule errors above 5 for 2m
                route to ops
                at 10:00 errors is 6
                  then errors pending
                at 10:02 errors is 6
                  then errors firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:03 errors fails
                  then errors error pending
                at 10:05 errors fails
                  then errors error firing
                at 10:07 errors fails
                  then mail to ops: trigger 2 firing 0 resolved
                at 10:12 errors is 6
                  then errors error resolved
                  then mail to ops: repeat 1 firing 1 resolved
                """);
    }

    @Test
    void aDeviceThatFallsSilentIsMissedAndLaterForgotten() {
        play("""
                rule silent absent by device_id
                route to ops
                at 10:00 silent of a is 5, of b is 3
                at 10:05 silent of a is 5, of b is 0
                  then silent b firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 11:05 silent of a is 5
                  then silent b resolved
                  then mail to ops: resolve 0 firing 1 resolved
                """);
    }

    @Test
    void aRuleThatIsGroupedOtherwiseEndsTheAlertsOfItsOldGroups() {
        play("""
                rule slow above 5 by source no data keep keep 10m
                rule late above 5 by source no data keep for 5m
                rule gone above 5 by source no data alert
                route to ops
                at 10:00 slow of a is 7, of b is 1
                at 10:00 late of a is 7
                at 10:00 gone of a is 7
                  then slow a firing
                  then late a pending
                  then gone a firing
                  then mail to ops: trigger 1 firing 0 resolved
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:01 slow is grouped by source,endpoint_template
                at 10:01 slow has no data
                at 10:01 late is grouped by nothing
                at 10:01 late fails
                at 10:01 gone is grouped by endpoint_template
                at 10:01 gone has no data
                  then slow a resolved
                  then late a inactive
                  then late error pending
                  then gone a resolved
                  then mail to ops: resolve 0 firing 1 resolved
                  then mail to ops: resolve 0 firing 1 resolved
                at 10:02 late is 7
                  then late pending
                  then late error inactive
                at 10:03 late is grouped by source
                at 10:03 late of a is 7
                  then late inactive
                  then late a pending
                at 10:03 to 10:07 nothing happens
                  then nothing
                """);
    }

    @Test
    void whatWasMeasuredBeforeARuleWasGroupedOtherwiseFiresNothing() {
        play("""
                rule slow above 5 by source
                route to ops
                at 10:00 slow of a is 7
                  then slow a firing
                  then mail to ops: trigger 1 firing 0 resolved
                at 10:01 slow is grouped by nothing
                at 10:01 slow of a is 9, of b is 9
                  then slow a resolved
                  then mail to ops: resolve 0 firing 1 resolved
                at 10:02 slow is 7
                  then slow firing
                  then mail to ops: trigger 1 firing 0 resolved
                """);
    }

    @Test
    void aScriptThatLeavesOutWhatHappenedFails() {
        assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> play("""
                rule errors above 5
                route to ops
                at 10:00 errors is 6
                """));
    }
}
