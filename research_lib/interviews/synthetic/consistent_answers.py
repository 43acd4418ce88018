"""Which answers of the synthetic study go together, so that no made-up woman contradicts herself."""

_ASYLUM = "asylum_pending asylum_refused protection_permit"
_MOTHERS = "one two three_or_more"

type Orders = dict[str, tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]]
type Choices = dict[str, dict[str, tuple[str, str]]]

# question: its answers in order, and the earlier answers, level by level, by whose order they are allocated
ORDERS: Orders = {
    "marital_status": ("single", (("age_band", ("under_18 18_19",)),)),
    "children": ("none", (("age_band", ("under_18 18_19", "20_24")), ("marital_status", ("single",)))),
    "departure_situation": ("student at_home unemployed", (("occupation", ("never_worked",)),)),
    "worked_leisure_china": ("yes no", (("occupation", ("leisure_industry",)),)),
    "kin_in_europe": ("yes no", (("reason__join_family", ("yes",)), ("migration_kind", ("chain", "both")))),
    "stay_after_entry": (
        "irregular became_irregular regular",
        (("entry_mode", ("without_documents", "false_documents", "tourist_visa business_visa other_visa")),),
    ),
    "stay_duration": (
        "over_5_years 3_5_years 1_2_years 6_11_months under_6_months",
        (("departure_period", ("before_1995 1995_1999 2000_2004 2005_2009 2010_2019",)),),
    ),
    "residence_status": (
        f"national permit {_ASYLUM} irregular",
        (("stay_after_entry", ("regular",)), ("stay_duration", ("over_5_years", "3_5_years", "1_2_years"))),
    ),
    "asylum_request": ("yes no", (("residence_status", (_ASYLUM,)),)),
    "practice": ("now past never", (("first_work", ("prostitution",)),)),
    "activity_role": ("complementary main", (("paid_work_now__none", ("no",)),)),
    "other_work": ("yes no", (("activity_role", ("complementary",)), ("paid_work_now__none", ("no",)))),
    "began_after": (
        "before_migration under_6_months 6_11_months 1_2_years over_2_years",
        (
            ("prostitution_china", ("yes",)),
            ("stay_duration", ("under_6_months", "6_11_months", "1_2_years", "3_5_years")),
        ),
    ),
    "began_through": ("partner herself friend", (("marital_status", ("married",)),)),
    "handed_over": ("nothing under_half half", (("third_party__none", ("yes",)),)),
}

# question and choice: the earlier answers that it suits
CHOICES: Choices = {
    "dependants": {"husband": ("marital_status", "married separated"), "children": ("children", _MOTHERS)},
    "reason": {
        "child_schooling": ("children", _MOTHERS),
        "divorce_separation": ("marital_status", "divorced separated"),
    },
    "customers_met": {"street": ("places__street", "yes")},
    "other_work_sector": {"domestic": ("paid_work_now__domestic", "yes")},
    "reason_prostitution": {"child_schooling": ("children", _MOTHERS), "forced": ("began_through", "forced")},
    "income_use": {"child_schooling": ("children", _MOTHERS)},
}
