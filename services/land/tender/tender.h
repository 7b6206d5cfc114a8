// Topics tender and contract: decisions, tenders, applications, rankings, contracts, rents (land.md §2.4–2.8).
//
//   votes, term, money, dues, ranking   arithmetic, knows no records (also in the command)
//   decision → draft → tender → apply → facts → rank → award → contract (gates) → pay, transfer
//
// Everything here is pure over the village's book. Parcels are seen through parcel.h, notices through notice/notice.h.
#pragma once

#include "services/land/topic.h"

LAND_MEMBER(LandDecision, decision)
LAND_MEMBER(Tender, tender)
LAND_MEMBER(Invitation, invitation)
LAND_MEMBER(Application, application)
LAND_MEMBER(Ranking, ranking)
LAND_MEMBER(Holding, holding)
LAND_MEMBER(Contract, contract)
LAND_MEMBER(PaymentDue, payment_due)
LAND_MEMBER(Payment, payment)
LAND_MEMBER(Refund, refund)
LAND_MEMBER(Transfer, transfer)
