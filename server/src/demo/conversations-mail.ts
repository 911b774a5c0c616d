/** Letters, and what the staff writes back. */
import { c, type Conversation, day, hour, mail, n, s } from './writing.ts';

const dear = 'Kính gửi {bộ phận Chăm sóc khách hàng|quý công ty|Điện máy Sao Mai},\n\n';
const regards = '\n\n{Trân trọng|Xin cảm ơn|Mong sớm nhận được phản hồi|Kính thư},\n{hoten}\n{sdt}';
const reply = 'Kính chào {anh} {ten},\n\n';
const signed = '\n\nTrân trọng,\n{nv}\nChăm sóc khách hàng – Điện máy Sao Mai';

export const salesLetters: Conversation[] = [
  {
    on: mail,
    queue: 'sales',
    about: ['laptop', 'tv', 'aircon', 'phone'],
    subject: 'Xin báo giá {so}0 chiếc {sp}',
    tags: ['khách doanh nghiệp', 'báo giá'],
    lines: [
      c(
        `${dear}Công ty chúng tôi tại {tp} đang cần trang bị {so}0 chiếc {sp} cho {văn phòng mới|khối lớp học|chuỗi cửa hàng}. Đề nghị quý công ty gửi báo giá gồm thuế, thời gian giao và điều kiện thanh toán trước ngày {hen}.${regards}`,
      ),
      s(
        `${reply}Cảm ơn {anh} đã quan tâm tới Sao Mai. {Em} gửi kèm báo giá: đơn giá {giam}/chiếc (đã gồm VAT), giao tại {dc} trong 5 ngày làm việc, thanh toán 50% khi đặt hàng. Báo giá có hiệu lực 15 ngày.${signed}`,
      ),
      c(
        'Chào {nv},\n\nĐơn giá như vậy ban giám đốc thấy còn cao. Công ty có thể giảm thêm nếu chúng tôi thanh toán một lần không?\n\n{hoten}',
      ),
      n('Xin duyệt giá dự án: tối đa giảm thêm 3% nếu thanh toán đủ trước khi giao.'),
      s(
        `${reply}{Em} đã xin được mức giảm thêm 3% khi thanh toán một lần. Báo giá cập nhật {em} đính kèm trong thư này, {anh} xem giúp {em} nhé.${signed}`,
      ),
    ],
  },
  {
    on: mail,
    queue: 'sales',
    about: ['fridge', 'washer', 'tv', 'kitchen', 'robot'],
    subject: 'Xuất hóa đơn VAT cho đơn {ma}',
    tags: ['hóa đơn'],
    lines: [
      c(
        `${dear}Tôi mua {sp} ngày {ngay}, mã đơn {ma}, nhưng chưa nhận được hóa đơn điện tử. Nhờ bộ phận kế toán xuất hóa đơn theo thông tin công ty tôi gửi kèm và gửi về địa chỉ email này.${regards}`,
      ),
      s(
        `${reply}{Em} đã chuyển thông tin sang kế toán. Hóa đơn điện tử sẽ được gửi tới email này trước 17h {hen}. {Anh} vui lòng kiểm tra cả hộp thư rác giúp {em}.${signed}`,
      ),
      c('Chào {nv},\n\nTôi nhận được rồi nhưng địa chỉ công ty bị thiếu tên phường. Nhờ {anh chị|em} điều chỉnh lại giúp.\n\n{hoten}', day),
      s(`${reply}{Em} xin lỗi về sai sót này. Kế toán đã lập hóa đơn điều chỉnh cho đơn {ma}, {anh} xem tệp đính kèm ạ.${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'sales',
    about: ['fridge', 'aircon', 'kitchen', 'washer', 'tv'],
    subject: 'Tư vấn trọn bộ thiết bị cho nhà mới',
    tags: ['tư vấn'],
    lines: [
      c(
        `${dear}Gia đình tôi sắp nhận nhà tại {dc}, cần mua trọn bộ: {sp}, thêm máy hút mùi, bếp và hai chiếc máy lạnh. Ngân sách khoảng {so}0 triệu. Xin tư vấn giúp phương án hợp lý và cho biết mua cả bộ có ưu đãi gì không.${regards}`,
      ),
      s(
        `${reply}Chúc mừng gia đình mình có nhà mới ạ! {Em} đề xuất hai phương án trong tệp đính kèm; mua từ bốn món sẽ được giảm thêm 5% và lắp đặt cùng một ngày. {Anh} xem rồi cho {em} ý kiến nhé.${signed}`,
      ),
      c('Cảm ơn {nv},\n\nTôi nghiêng về phương án hai, nhưng muốn đổi {sp} sang {sp2}. Tổng tiền còn bao nhiêu?\n\n{hoten}', 20 * hour),
      s(
        `${reply}Phương án hai sau khi đổi sang {sp2} chênh {le}, vẫn giữ mức giảm 5%. {Em} có thể hẹn {anh} xem trực tiếp tại {cn} {hen} không ạ?${signed}`,
      ),
    ],
  },
  {
    on: mail,
    queue: 'sales',
    about: ['phone', 'laptop', 'tv', 'fridge'],
    subject: 'Hồ sơ trả góp {sp} bị từ chối',
    tags: ['trả góp'],
    lines: [
      c(
        `${dear}Hồ sơ trả góp {sp} của tôi (mã {ma}) vừa bị báo từ chối mà không nêu lý do. Tôi có lương chuyển khoản ổn định và chưa từng nợ xấu. Xin cho biết nguyên nhân và cách bổ sung.${regards}`,
      ),
      s(
        `${reply}{Em} đã hỏi công ty tài chính: hồ sơ bị từ chối do ảnh căn cước bị lóa. {Anh} gửi lại ảnh rõ hai mặt qua đường dẫn bảo mật {em} vừa nhắn tới số {sdt}, hồ sơ sẽ được xét lại trong 30 phút.${signed}`,
      ),
      c('Chào {nv},\n\nTôi đã gửi lại rồi, nhờ {em|bạn} kiểm tra giúp.\n\n{hoten}'),
      s(`${reply}Hồ sơ của {anh} đã được duyệt, mỗi tháng {gop} trong 12 tháng. {Anh} ghé {cn} ký và nhận máy bất cứ lúc nào ạ.${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'sales',
    about: ['robot', 'kitchen', 'audio', 'water'],
    subject: 'Hỏi thông số {sp}',
    lines: [
      c(
        `{Chào Sao Mai|Chào các bạn|Dear Sao Mai},\n\nTrên web không thấy ghi công suất và kích thước lọt lòng của {sp}. Nhờ gửi giúp bảng thông số đầy đủ, và cho hỏi hàng còn ở {cn} không?\n\nCảm ơn,\n{hoten}`,
      ),
      s(
        `${reply}{Em} gửi {anh} bảng thông số đầy đủ trong tệp đính kèm. {Cn} hiện còn {so} chiếc, giá {giam}. Cần đo tại nhà thì bên {em} có hỗ trợ miễn phí ạ.${signed}`,
      ),
      c('Cảm ơn {nv}, kích thước vừa khít. Cuối tuần tôi qua lấy.\n\n{ten}', 9 * hour),
      s(`${reply}{Em} giữ cho {anh} một chiếc đến hết Chủ nhật, mã giữ hàng {ma}.${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'sales',
    about: ['aircon', 'tv', 'fridge'],
    subject: 'Đơn {ma}: đổi địa chỉ nhận hàng',
    tags: ['giao hàng'],
    lines: [
      c(
        `${dear}Tôi đã đặt {sp}, mã đơn {ma}. Do chuyển nhà sớm hơn dự kiến, nhờ đổi địa chỉ nhận sang {dc}. Người nhận là {em trai|mẹ|chị gái|bạn cùng nhà} tôi, số điện thoại giữ nguyên.${regards}`,
      ),
      s(`${reply}{Em} đã đổi địa chỉ cho đơn {ma}. Hàng giao {hen}, khung {gio}; phí giao không thay đổi ạ.${signed}`),
      c('Cảm ơn {nv} đã hỗ trợ nhanh. Nhớ dặn giao hàng gọi trước 30 phút.\n\n{hoten}'),
      n('Ghi chú vào đơn {ma}: gọi {sdt} trước 30 phút.'),
      s(`${reply}{Em} đã ghi chú vào đơn rồi ạ. Chúc gia đình mình dọn nhà thuận lợi!${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'sales',
    about: ['laptop', 'phone', 'tv', 'aircon'],
    subject: 'Báo giá gấp {sp} trước giờ họp',
    tags: ['khách doanh nghiệp', 'báo giá', 'gấp'],
    priority: 'urgent',
    lines: [
      c(
        `Chào Sao Mai,\n\nTôi cần báo giá có đóng dấu cho {so} {sp} ngay trong {sáng nay|chiều nay|một giờ tới} để trình ký, giao về {dc}. Xin phản hồi gấp qua email này hoặc gọi {sdt}.\n\n{hoten}`,
      ),
      s(
        `${reply}{Em} gửi {anh} báo giá có đóng dấu: {giam}/chiếc, đã gồm VAT, giao {hen}. {Anh} cần chỉnh gì cứ gọi thẳng cho {em} ạ.${signed}`,
      ),
      c('Đã nhận, cảm ơn {nv} rất nhiều. Sếp ký rồi, tôi gửi đơn đặt hàng bản scan kèm đây.\n\n{ten}'),
      s(`${reply}{Em} đã nhận đơn đặt hàng và lên đơn {ma}. Hợp tác vui vẻ ạ!${signed}`),
    ],
  },
];

export const warrantyLetters: Conversation[] = [
  {
    on: mail,
    queue: 'warranty',
    about: ['fridge', 'washer', 'aircon', 'tv', 'water'],
    subject: 'Yêu cầu bảo hành {sp}',
    tags: ['bảo hành'],
    lines: [
      c(
        `${dear}Tôi mua {sp} tại {cn} ngày {ngay}, số seri {seri}. Máy đang gặp tình trạng {loi}. Đề nghị cử kỹ thuật viên đến kiểm tra tại {dc}. Tôi ở nhà {buổi sáng|sau 17h|cả cuối tuần}.${regards}`,
      ),
      s(
        `${reply}{Em} rất tiếc vì sự cố này. {Em} đã tạo phiếu bảo hành {ma}; {kt} sẽ đến {hen}, khung {gio}, và gọi trước 30 phút.${signed}`,
      ),
      c('Chào {nv},\n\nHôm đó tôi có việc đột xuất, nhờ dời sang ngày kế tiếp cùng khung giờ được không?\n\n{hoten}'),
      s(`${reply}{Em} đã dời lịch sang ngày kế tiếp, cùng khung giờ. Nếu cần đổi nữa {anh} cứ trả lời email này ạ.${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'warranty',
    about: ['laptop', 'phone'],
    subject: 'Máy gửi bảo hành từ {ngay} chưa có kết quả',
    tags: ['bảo hành', 'chờ linh kiện'],
    lines: [
      c(
        `${dear}Ngày {ngay} tôi gửi {sp} (lỗi {loi}) tại {cn}, biên nhận {ma}, được hẹn 3 ngày. Đến nay đã quá hẹn mà không ai liên lạc. Máy là phương tiện làm việc của tôi, xin cho biết tình trạng cụ thể.${regards}`,
      ),
      s(
        `${reply}{Em} thành thật xin lỗi {anh} vì chậm thông báo. Máy đang chờ linh kiện từ hãng, dự kiến về {hen}. Trong lúc chờ, {anh} có thể mượn máy tại {cn}, {em} đã dặn sẵn các bạn ở đó.${signed}`,
      ),
      c(
        'Cảm ơn thông tin của {nv}.\n\nTôi sẽ qua mượn máy. Sau ngày hẹn mà vẫn chưa có linh kiện thì tôi đề nghị đổi máy khác.\n\n{hoten}',
      ),
      n('Nếu quá {hen} chưa có linh kiện: đủ điều kiện đổi máy tương đương, đã hỏi quản lý.'),
      s(`${reply}{Em} đã ghi nhận đề nghị của {anh} và được quản lý đồng ý. {Em} sẽ chủ động báo {anh} ngay khi có tin từ hãng.${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'warranty',
    about: ['fridge', 'tv', 'aircon', 'washer', 'kitchen'],
    subject: 'Mất phiếu bảo hành {sp}',
    lines: [
      c(
        `{Chào Sao Mai|Kính gửi trung tâm bảo hành},\n\nTôi làm mất phiếu bảo hành giấy của {sp} mua ngày {ngay}. Chỉ còn nhớ số điện thoại mua hàng là {sdt}. Như vậy có được bảo hành không, và cần làm thủ tục gì?\n\n{hoten}, {tp}`,
      ),
      s(
        `${reply}{Anh} yên tâm, bên {em} bảo hành theo số điện thoại và số seri. Máy của {anh} (seri {seri}) còn bảo hành đầy đủ, không cần phiếu giấy ạ.${signed}`,
      ),
      c('Tuyệt quá, cảm ơn {nv}. Vậy nếu bán lại máy cho người khác thì bảo hành có chuyển theo không?\n\n{ten}'),
      s(`${reply}Dạ có, bảo hành đi theo máy. Người mua chỉ cần đọc số seri là được hỗ trợ ạ.${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'warranty',
    about: ['aircon', 'water', 'kitchen', 'washer'],
    subject: 'Hỏi gói bảo trì hằng năm cho {sp}',
    tags: ['bảo trì', 'báo giá'],
    lines: [
      c(
        `${dear}{Quán cà phê|Phòng khám|Nhà trọ|Trường mầm non} của tôi tại {dc} có {so} chiếc {sp}. Tôi muốn ký gói bảo trì một năm, mỗi quý một lần. Xin gửi giúp nội dung công việc và chi phí.${regards}`,
      ),
      s(
        `${reply}Gói bảo trì quý cho {so} máy là {le}/máy/lần, gồm vệ sinh, đo dòng điện và kiểm tra rò rỉ. {Em} gửi hợp đồng mẫu trong tệp đính kèm ạ.${signed}`,
      ),
      c('Chào {nv},\n\nHợp đồng ổn, nhưng tôi cần làm ngoài giờ, sau 20h. Có phụ thu không?\n\n{hoten}', 18 * hour),
      s(`${reply}Dạ sau 20h phụ thu 15% mỗi lần. Ký cả năm thì bên {em} miễn phụ thu lần đầu ạ.${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'warranty',
    about: ['kitchen', 'fridge', 'water'],
    subject: 'Khẩn: {sp} {loi}',
    tags: ['bảo hành', 'an toàn', 'gấp'],
    priority: 'urgent',
    lines: [
      c(
        `${dear}{Sp} mua theo đơn {ma} đang {loi}, lúc nãy còn có mùi khét. Tôi đã ngắt cầu dao. Nhà có {người già|trẻ nhỏ} nên rất lo, đề nghị cho kỹ thuật đến {dc} ngay hôm nay. Điện thoại {sdt}.\n\n{hoten}`,
      ),
      s(
        `${reply}{Anh} đã xử lý rất đúng, xin giữ cầu dao ngắt và không bật lại máy. {kt} đang trên đường, đến trước {luc} và sẽ gọi số {sdt}.${signed}`,
      ),
      c('Kỹ thuật đã đến và thay dây nguồn. Cảm ơn {nv} phản hồi rất nhanh.\n\n{ten}', 3 * hour),
      s(`${reply}{Em} nhẹ cả người ạ. Bên {em} sẽ gọi lại sau ba ngày để kiểm tra máy hoạt động ổn định.${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'warranty',
    about: ['robot', 'audio', 'tv', 'laptop'],
    subject: 'Mua thêm linh kiện cho {sp}',
    lines: [
      c(
        `Chào Sao Mai,\n\nTôi cần mua {bộ phụ kiện thay thế|bộ sạc|điều khiển từ xa|chân đế} chính hãng cho {sp}, seri {seri}. Cửa hàng ở {tp} có sẵn không, hay phải đặt từ kho? Tôi có thể nhận tại {dc}.\n\nCảm ơn,\n{hoten}`,
      ),
      s(
        `${reply}Linh kiện này có tại kho trung tâm, giá {le}, chuyển về {cn} mất 2 ngày. {Anh} muốn nhận tại cửa hàng hay giao tận nhà ạ?${signed}`,
      ),
      c('Giao tận nhà giúp tôi nhé, tôi trả tiền khi nhận.\n\n{ten}'),
      s(`${reply}{Em} đã lên đơn {ma}, giao {hen}.${signed}`),
    ],
  },
];

export const complaintLetters: Conversation[] = [
  {
    on: mail,
    queue: 'complaint',
    about: ['fridge', 'washer', 'tv', 'aircon'],
    subject: 'Khiếu nại giao hàng trễ đơn {ma}',
    tags: ['giao hàng'],
    disposition: 'Đã giải quyết',
    lines: [
      c(
        `${dear}Tôi đặt {sp} ngày {ngay}, đơn {ma}, được hẹn giao trong hai ngày. Đến nay đã quá hẹn, mỗi lần gọi tổng đài lại nhận một câu trả lời khác nhau. Đề nghị cho tôi một ngày giao chính xác và một người chịu trách nhiệm.${regards}`,
      ),
      s(
        `${reply}{Em} là {nv}, từ giờ {em} trực tiếp phụ trách đơn của {anh}. Hàng giao {hen}, khung {gio}. {Em} xin lỗi và gửi {anh} phiếu giảm {le} cho lần mua sau.${signed}`,
      ),
      c('Chào {nv},\n\nTôi sẽ chờ đến ngày đó. Nếu tiếp tục trễ, tôi yêu cầu hoàn tiền toàn bộ.\n\n{hoten}'),
      n('Theo dõi sát đơn {ma}, báo điều phối ưu tiên chuyến sáng.'),
      s(`${reply}{Em} xin cam kết lịch giao như trên và sẽ gọi {anh} ngay khi xe rời kho ạ.${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'complaint',
    about: ['phone', 'laptop', 'tv', 'robot', 'kitchen'],
    subject: 'Đề nghị hoàn tiền đơn {ma}',
    tags: ['hoàn tiền', 'đổi trả'],
    disposition: 'Đổi trả / hoàn tiền',
    lines: [
      c(
        `${dear}Tôi đã trả lại {sp} tại {cn} ngày {ngay} vì {loi}, có biên bản kèm theo. Đến hôm nay chưa nhận được khoản hoàn {giam}. Đề nghị công ty thực hiện đúng cam kết ba ngày làm việc.${regards}`,
      ),
      s(
        `${reply}{Em} đã nhận biên bản của {anh}. Kế toán xác nhận lệnh hoàn {giam} sẽ chạy trong hôm nay, {em} gửi {anh} sao kê ngay khi có.${signed}`,
      ),
      c('Chào {nv},\n\nTôi vẫn chưa thấy tiền trong tài khoản. Nhờ kiểm tra lại giúp.\n\n{hoten}', day),
      n('Ngân hàng báo tài khoản khách nhập thiếu một số. Cần xác nhận lại.'),
      s(
        `${reply}Ngân hàng báo số tài khoản thiếu một chữ số. {Anh} xác nhận lại giúp {em} qua số {sdt}, {em} chạy lệnh lại ngay.${signed}`,
      ),
      c('Tiền đã về. Cảm ơn {nv} đã theo đến cùng.\n\n{ten}', day),
    ],
  },
  {
    on: mail,
    queue: 'complaint',
    about: ['washer', 'fridge', 'aircon', 'water', 'kitchen'],
    subject: 'Thợ lắp {sp} làm hư hại nhà tôi',
    tags: ['lắp đặt', 'bồi thường'],
    priority: 'high',
    disposition: 'Đã giải quyết',
    lines: [
      c(
        `${dear}Khi lắp {sp} tại {dc} ngày {ngay}, nhân viên đã làm {xước một mảng sàn|thủng tường thạch cao|vỡ hai viên gạch}. Các bạn hứa quay lại xử lý nhưng đến nay không ai liên lạc. Ảnh hiện trạng tôi gửi kèm. Đơn {ma}.${regards}`,
      ),
      s(
        `${reply}{Em} thành thật xin lỗi {anh} và gia đình. Bên {em} sẽ cử người đến xem {hen} và chịu toàn bộ chi phí khắc phục theo báo giá của thợ {anh} chọn.${signed}`,
      ),
      c('Chào {nv},\n\nThợ quen của tôi báo {le}. Tôi gửi kèm báo giá, đề nghị công ty thanh toán.\n\n{hoten}', 2 * day),
      n('Duyệt bồi thường {le}, trừ vào đội lắp {cn}.'),
      s(`${reply}Khoản {le} đã được duyệt và chuyển cho {anh} trong ngày. Một lần nữa {em} xin lỗi vì sự bất tiện này.${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'complaint',
    about: ['tv', 'phone', 'audio', 'laptop', 'robot'],
    subject: 'Sản phẩm không đúng quảng cáo: {sp}',
    tags: ['đổi trả'],
    disposition: 'Đổi trả / hoàn tiền',
    lines: [
      c(
        `${dear}Quảng cáo của quý công ty ghi {sp} có quà tặng trị giá {le}, nhưng khi nhận hàng (đơn {ma}) tôi không được tặng gì, hỏi thì nhân viên nói "hết chương trình". Tôi đặt trong đúng thời gian khuyến mãi ngày {ngay}.${regards}`,
      ),
      s(`${reply}{Em} đã đối chiếu: đơn của {anh} nằm trong thời gian khuyến mãi. Quà sẽ được gửi bù tới {dc}, dự kiến {hen}.${signed}`),
      c('Cảm ơn {nv}. Mong lần sau công ty làm đúng ngay từ đầu.\n\n{hoten}'),
      s(`${reply}{Em} xin tiếp thu góp ý của {anh} và đã chuyển tới bộ phận bán hàng ạ.${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'complaint',
    about: ['fridge', 'washer', 'tv', 'laptop', 'phone', 'aircon'],
    subject: 'Phản ánh về {cn}',
    tags: ['thái độ phục vụ'],
    disposition: 'Chuyển bộ phận khác',
    lines: [
      c(
        `${dear}{Sáng|Chiều|Tối} ngày {ngay} tôi đến {cn} xem {sp} nhưng chờ hơn {so}0 phút không có người tư vấn, trong khi nhân viên đứng nói chuyện riêng. Tôi là khách lâu năm và rất thất vọng.${regards}`,
      ),
      s(
        `${reply}{Em} xin lỗi vì trải nghiệm không vui này. {Em} đã chuyển phản ánh tới quản lý khu vực, anh ấy sẽ gọi {anh} trong 24 giờ tới.${signed}`,
      ),
      c('Tôi đã nhận được cuộc gọi. Cảm ơn công ty đã lắng nghe.\n\n{hoten}', day),
      s(`${reply}{Em} cảm ơn {anh}. Mong sớm được phục vụ {anh} tốt hơn ạ.${signed}`),
    ],
  },
  {
    on: mail,
    queue: 'complaint',
    about: ['phone', 'laptop', 'tv', 'audio'],
    subject: 'GẤP: có người lấy thông tin đơn {ma} lừa đảo',
    tags: ['an toàn', 'gấp'],
    priority: 'urgent',
    disposition: 'Chuyển bộ phận khác',
    lines: [
      c(
        `${dear}Vừa có người gọi xưng là nhân viên Sao Mai, đọc đúng mã đơn {ma} và {sp} tôi mua, yêu cầu chuyển {le} để "kích hoạt bảo hành". Tôi chưa chuyển. Đề nghị kiểm tra gấp vì sao thông tin của tôi bị lộ.${regards}`,
      ),
      s(
        `${reply}{Anh} đã cảnh giác rất đúng, Sao Mai không bao giờ thu tiền kích hoạt bảo hành. {Em} đã chuyển bộ phận an ninh thông tin; {anh} cho {em} xin số đã gọi để bên {em} làm việc với nhà mạng.${signed}`,
      ),
      c('Số đó là 02{so} 7109 88{so}1. Tôi có ghi âm, cần thì tôi gửi.\n\n{hoten}'),
      n('Đã báo anh Quân và bộ phận an ninh. Không trao đổi thêm thông tin đơn qua điện thoại.'),
      s(
        `${reply}{Em} cảm ơn {anh}, bộ phận an ninh sẽ liên hệ {anh} từ hộp thư chính thức của công ty. Đơn {ma} đã được khóa thông tin.${signed}`,
      ),
    ],
  },
  {
    on: mail,
    queue: 'complaint',
    about: ['kitchen', 'robot', 'audio', 'water', 'washer'],
    subject: 'Đổi {sp} trong 30 ngày',
    tags: ['đổi trả'],
    disposition: 'Đổi trả / hoàn tiền',
    lines: [
      c(
        `{Chào Sao Mai|Kính gửi Sao Mai},\n\nTôi mua {sp} ngày {ngay} (đơn {ma}) nhưng dùng không hợp, muốn đổi sang {sp2} và bù thêm tiền. Máy còn nguyên hộp, đầy đủ phụ kiện. Thủ tục như thế nào ạ?\n\n{hoten}\n{sdt}`,
      ),
      s(
        `${reply}Trong 30 ngày {anh} được đổi một lần, phí 10% nếu máy không lỗi; thành viên từ hạng Vàng được miễn. {Anh} mang máy ra {cn} hoặc bên {em} đến lấy tại nhà ạ.${signed}`,
      ),
      c('Nhờ công ty đến lấy tại {dc} giúp tôi.\n\n{ten}'),
      s(`${reply}Nhân viên sẽ đến {hen}, khung {gio}, mang theo {sp2} để đổi luôn ạ.${signed}`),
    ],
  },
];
