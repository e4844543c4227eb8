package io.bobbinet.tests.task;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the other classes test on a platform thread, with a virtual thread in its place. */
@ExtendWith(OnVirtualThread.class)
final class OwnerOnVirtualThreadTest {
    @Nested
    final class Scopes extends CancelScopeTest {}

    @Nested
    final class Shields extends ShieldTest {}

    @Nested
    final class Deadlines extends DeadlineTest {}

    @Nested
    final class Groups extends TaskGroupTest {}

    @Nested
    final class CancelledGroups extends GroupCancellationTest {}

    @Nested
    final class Starts extends TaskStartTest {}

    @Nested
    final class Tasks extends TaskTest {}

    @Nested
    final class Interrupts extends InterruptTest {}
}
