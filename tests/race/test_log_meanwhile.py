"""The log's page counts the log while people write in it: what comes meanwhile is no fault."""

import threading
from unittest import mock

from django.db import connections
from django.test import TransactionTestCase

from protocol.evidence import fault_in_log
from record import chain
from record.models import Chain, Event
from tests.cast import Cast


class LogMeanwhileTests(TransactionTestCase):
    def test_an_event_that_comes_between_the_last_row_and_the_head_is_no_fault(self):
        log = Cast().meeting("called").group.chain
        read_anew = Chain.refresh_from_db

        def write():
            chain.append(Chain.objects.get(pk=log.pk), "called", by=None, thing="meeting:0")
            connections.close_all()

        def after_somebody_has_written(row, *args, **kwargs):
            writing = threading.Thread(target=write)
            writing.start()
            writing.join(60)
            read_anew(row, *args, **kwargs)

        before = Event.objects.count()
        with mock.patch.object(Chain, "refresh_from_db", after_somebody_has_written):
            self.assertEqual(fault_in_log(log), "")
        self.assertEqual(Event.objects.count(), before + 1)
        self.assertEqual(fault_in_log(log), "")
