"""Invented names. Persons are called 示例·…, telephone numbers begin with 100, which no operator gives out."""

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
DIGITS = "〇一二三四五六七八九"
# Each district has beginnings of its own, so that only those names are twice there that are meant to be (layout.py).
ESTATE_BEGINS = {
    "370117": "锦绣 和谐 翠湖 凤凰 东方 盛世 龙泉 滨河 康乐 祥和 安居 春晓 枫林 银杏 紫薇 牡丹 海棠 玉兰 百合 文昌 书香 怡景 御景 鑫源 "
              "鼎盛 嘉禾 泰和 永安 长乐 瑞祥".split(),
    "131102": "润泽 景泰 福临 朝阳 晨光 星河 丰泽 明珠".split(),
}
ESTATE_ENDS = "花园 小区 家园 新苑 名苑 雅居 公寓 华庭 佳苑".split()


def numeral(number):
    """1 to 99 in Chinese."""
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else DIGITS[tens] + "十") + (DIGITS[ones] if ones else "")


class Names:
    def __init__(self, random_, district):
        self.random = random_
        self.persons = {}
        self.estates = [begin + end for begin in ESTATE_BEGINS[district] for end in ESTATE_ENDS]
        random_.shuffle(self.estates)

    def person(self, surname=None):
        surname = surname or self.random.choice(SURNAMES)
        self.persons[surname] = self.persons.get(surname, 0) + 1
        return f"示例·{surname}{numeral(self.persons[surname])}"

    def phone(self):
        return "100" + "".join(self.random.choice("0123456789") for _ in range(8))

    def estate(self):
        """A name that no other estate has."""
        return self.estates.pop()
